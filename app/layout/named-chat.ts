/** The chat that something is done with. */
export interface NamedChat {
  chatId: string;
  title: string;
}
