/** Who asks a question: the owner of the chat, or a member of its room. */
export interface Asker {
  userId: string;
  /** A member's name in the room. `null` for the owner, whose name is kept with the chat. */
  name: string | null;
  /** A guest's network address, as a keyed hash. */
  address: string | null;
}

/** The person whose role the scripts check again; `null` if the owner asks, who may do everything. */
export const memberIn = (ownerId: string, { userId }: Asker): string | null => (userId === ownerId ? null : userId);
