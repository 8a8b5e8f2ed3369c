/** The chat that an action is for. */
export interface NamedChat {
  chatId: string;
  title: string;
  pinned: boolean;
  archived: boolean;
  /** True for a chat that is in no list, and so can be neither pinned nor archived. */
  temporary?: boolean;
  /** The role of the person, if the chat has members. Only the owner can change the chat itself. */
  room?: { role: string } | null;
}
