import { createContext, useContext, type ReactNode } from 'react';
import type { ChatSummary, ModelList } from '../../shared/chat/chat.ts';
import type { RoomSummary } from '../../shared/chat/rooms.ts';

/** The data of the layout's loader, for everything inside the layout. */
export interface LayoutData {
  chats: ChatSummary[];
  /** The pinned chats, for the top of the list. A pinned chat can also be in `chats`. */
  pinned: ChatSummary[];
  /** The cursor of the next page of chats; `null` if there is no further page. */
  next: string | null;
  /** The chats of others in which the person is a member. */
  rooms: RoomSummary[];
  models: ModelList;
  /** True if everybody is a guest (there is no sign-in), and guests can only read in the rooms of others. */
  guestsOnlyRead: boolean;
  userId: string;
  /** True if the person may see the administration. */
  isOperator: boolean;
  /** The server's time, so that server and browser render the same days. */
  now: string;
  /** True if the person has hidden the sidebar on large screens. */
  sidebarHidden: boolean;
  /** The id of the model that was chosen last in this browser. */
  rememberedModel: string | null;
  /** The size of the largest request that the server accepts. */
  maxRequestBytes: number;
}

const LayoutContext = createContext<LayoutData | null>(null);

export function LayoutProvider({ value, children }: { value: LayoutData; children: ReactNode }) {
  return <LayoutContext.Provider value={value}>{children}</LayoutContext.Provider>;
}

export function useLayout(): LayoutData {
  const layout = useContext(LayoutContext);
  if (!layout) throw new Error('useLayout works only inside the layout with the sidebar.');
  return layout;
}
