/** Who owns all chats. */
export const USER = 'ann';
/** An editor of their rooms. */
export const MEMBER = { userId: 'bob', name: 'Bob', address: null };
