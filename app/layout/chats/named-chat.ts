/** The chat that an action is for. */
export interface NamedChat {
  chatId: string;
  title: string;
  pinned: boolean;
  archived: boolean;
  /** It is in no list, so it can be neither pinned nor archived. */
  temporary?: boolean;
  /** What the person is in it, if it has members. Members cannot change the chat itself. */
  room?: { role: string } | null;
}
