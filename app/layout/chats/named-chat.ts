/** The chat that an action is for. */
export interface NamedChat {
  chatId: string;
  title: string;
  pinned: boolean;
  archived: boolean;
  /** True for a chat that is in no list, and so can be neither pinned nor archived. */
  temporary?: boolean;
  /** The role of the person, if the chat has members. Only the owner can rename, share or delete the chat. */
  room?: { role: string; people?: number } | null;
  /** Number of people in the chat, including its owner. Set for a chat in a list. For an open chat, `room.people` is set instead. */
  people?: number;
}

/** How many other people lose the chat if the person deletes it. */
export const othersIn = ({ room, people = room?.people ?? 1 }: NamedChat): number => people - 1;
