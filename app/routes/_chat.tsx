import type { LoaderFunctionArgs } from '@remix-run/node';
import { Outlet, useLoaderData } from '@remix-run/react';
import { pageLoader } from '~/http/page-request.server.ts';
import { listChats, models } from '~/sidecar-client/sidecar.server.ts';
import { LayoutProvider } from '~/layout/layout-data.tsx';
import { RefreshProvider } from '~/layout/refresh.tsx';
import { Shortcuts } from '~/layout/shortcuts.tsx';
import { Sidebar } from '~/layout/sidebar.tsx';
import { useTabNews } from '~/layout/use-tab-news.ts';

/** Data for all pages with the sidebar. `q` searches titles, for browsers without scripts. */
export function loader(args: LoaderFunctionArgs) {
  return pageLoader(args, async (user) => {
    const query = new URL(args.request.url).searchParams.get('q')?.trim() ?? '';
    const [{ chats, next }, modelList] = await Promise.all([listChats(user, query ? { q: query } : {}), models(user)]);
    return { chats, next, models: modelList, userId: user.userId, query, now: new Date().toISOString() };
  });
}

export default function ChatLayout() {
  return (
    <LayoutProvider value={useLoaderData<typeof loader>()}>
      <RefreshProvider>
        <Page />
      </RefreshProvider>
    </LayoutProvider>
  );
}

function Page() {
  useTabNews();
  return (
    <>
      <a href="#main" className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-raised focus:p-2">
        Skip to the chat
      </a>
      <div className="shell">
        <Sidebar />
        <Outlet />
      </div>
      <Shortcuts />
    </>
  );
}
