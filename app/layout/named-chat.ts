/** The chat that an action is for. */
export interface NamedChat {
  chatId: string;
  title: string;
}
