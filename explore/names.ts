/** The owner of all chats. */
export const USER = 'ann';
/** An editor of the owner's rooms. */
export const MEMBER = { userId: 'bob', name: 'Bob', address: null };
