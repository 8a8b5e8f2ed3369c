import type { LoaderFunctionArgs } from '@remix-run/node';
import { Outlet, useLoaderData } from '@remix-run/react';
import { pageLoader } from '../page-request.server.ts';
import { listChats, models } from '../sidecar.server.ts';
import { LayoutProvider } from '~/components/layout-data.tsx';
import { RefreshProvider } from '~/components/refresh.tsx';
import { Shortcuts } from '~/components/shortcuts.tsx';
import { Sidebar } from '~/components/sidebar.tsx';
import { useTabNews } from '~/components/use-tab-news.ts';

/** What all pages with the sidebar know. `q` searches the titles where there is no script to do it. */
export function loader(args: LoaderFunctionArgs) {
  return pageLoader(args, async (user) => {
    const [chats, modelList] = await Promise.all([listChats(user), models(user)]);
    const query = new URL(args.request.url).searchParams.get('q')?.trim() ?? '';
    return { chats, models: modelList, userId: user.userId, query, now: new Date().toISOString() };
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
