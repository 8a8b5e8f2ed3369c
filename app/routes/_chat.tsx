import type { LoaderFunctionArgs } from '@remix-run/node';
import { chatListQuerySchema } from '../../shared/chat/chat.ts';
import { isRouteErrorResponse, Outlet, useLoaderData, useRouteError, useRouteLoaderData } from '@remix-run/react';
import { Fragment, useEffect, type ReactNode } from 'react';
import { useBrowserLayoutEffect } from '~/hooks/use-browser-layout-effect.ts';
import { pageLoader } from '~/http/page-request.server.ts';
import { config } from '~/process/config.server.ts';
import { listChats, models } from '~/sidecar-client/sidecar.server.ts';
import { ChatActionsProvider } from '~/layout/chats/chat-actions.tsx';
import { ErrorPage } from '~/layout/error-page.tsx';
import { unlessOffline, useKeptChats } from '~/layout/kept-chats.ts';
import { useKeepFocus } from '~/layout/keep-focus.ts';
import { LayoutProvider, type LayoutData } from '~/layout/layout-data.tsx';
import { OutageNotice } from '~/layout/outage-notice.tsx';
import { Page } from '~/layout/page.tsx';
import { RefreshProvider } from '~/layout/refresh.tsx';
import { rememberedModel } from '~/layout/remembered-model.ts';
import { Shortcuts } from '~/layout/shortcuts.tsx';
import { Sidebar } from '~/layout/sidebar/sidebar.tsx';
import { isSidebarHidden, useSidebarHidden } from '~/layout/sidebar/sidebar-visibility.ts';
import { useFinishNavigation } from '~/layout/use-finish-navigation.ts';
import { useTabNews } from '~/layout/use-tab-news.ts';
import { listRooms } from '~/rooms/rooms.server.ts';
import { SharedRooms } from '~/rooms/shared-rooms.tsx';
import { useForgetLostRooms } from '~/rooms/lost/use-forget-lost-rooms.ts';
import { Announcer } from '~/ui/announcer.tsx';
import { restoreEarlyInput } from '~/ui/browser/early-input.ts';
import { useWords } from '~/words/words.ts';

/** Data for all pages with the sidebar. */
export function loader(args: LoaderFunctionArgs) {
  return pageLoader(args, async (user): Promise<LayoutData> => {
    const { searchParams } = new URL(args.request.url);
    // On a page without a script, the link to older chats has the parameter `older`.
    const older = chatListQuerySchema.shape.before.safeParse(searchParams.get('older') ?? undefined);
    const page = older.data ? { before: older.data } : {};
    const [{ chats, pinned, next }, rooms, modelList] = await Promise.all([
      listChats(user, page),
      listRooms(user),
      models(user),
    ]);
    return {
      chats,
      pinned,
      next,
      rooms,
      models: modelList,
      guestsOnlyRead: config().clerk === null && modelList.guestsMayEdit === false,
      userId: user.userId,
      isOperator: user.isOperator,
      now: new Date().toISOString(),
      sidebarHidden: isSidebarHidden(args.request),
      rememberedModel: rememberedModel(args.request),
      maxRequestBytes: config().maxRequestBytes,
    };
  });
}

export const shouldRevalidate = unlessOffline;

export default function ChatLayout() {
  const data = useLoaderData<typeof loader>();
  useForgetLostRooms(data.userId, data.rooms);
  useKeptChats(data.userId);
  return (
    <Shell data={data}>
      <Outlet />
    </Shell>
  );
}

/** The data that the layout showed last. If the layout's loader fails, the error page shows this data. Set only in a browser. */
let lastData: LayoutData | null = null;

const NOTHING: LayoutData = {
  chats: [],
  pinned: [],
  next: null,
  rooms: [],
  models: { models: [], defaultModelId: '', resumable: true },
  guestsOnlyRead: false,
  userId: '',
  isOperator: false,
  now: new Date(0).toISOString(),
  sidebarHidden: false,
  rememberedModel: null,
  maxRequestBytes: 0,
};

/** Errors are shown inside the layout, which stays usable. */
export function ErrorBoundary() {
  const error = useRouteError();
  // `undefined` only if the layout's own loader failed.
  const data = useRouteLoaderData<typeof loader>('routes/_chat') as LayoutData | undefined;
  return (
    <Shell data={data ?? lastData ?? NOTHING} refreshes={!(isRouteErrorResponse(error) && error.status === 404)}>
      <Page isFull>
        <ErrorPage error={error} />
      </Page>
    </Shell>
  );
}

/** `refreshes`: false for a page that does not exist, because such a page has no data to load again. */
function Shell({ data, refreshes = true, children }: { data: LayoutData; refreshes?: boolean; children: ReactNode }) {
  const Refresh = refreshes ? RefreshProvider : Fragment;
  useEffect(() => void (lastData = data), [data]);
  return (
    <LayoutProvider value={data}>
      <Refresh>
        <ChatActionsProvider>
          <Frame data={data}>{children}</Frame>
        </ChatActionsProvider>
      </Refresh>
    </LayoutProvider>
  );
}

function Frame({ data, children }: { data: LayoutData; children: ReactNode }) {
  const { shell } = useWords();
  const isHidden = useSidebarHidden(data.sidebarHidden);
  // React runs the layout effects of children first. So when this effect runs, React has hydrated all fields of the page.
  useBrowserLayoutEffect(restoreEarlyInput, []);
  useTabNews();
  useKeepFocus();
  useFinishNavigation();
  return (
    <>
      <a href="#main" className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-raised focus:p-2">
        {shell.skipToChat}
      </a>
      <div className="shell" data-sidebar-hidden={isHidden || undefined}>
        <Sidebar shared={<SharedRooms rooms={data.rooms} />} />
        {children}
      </div>
      <OutageNotice />
      <Announcer />
      <Shortcuts />
    </>
  );
}
