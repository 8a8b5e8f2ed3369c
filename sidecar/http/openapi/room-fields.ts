import type { Field } from './field.ts';

const ROOM_ID = 'abcdefghijklmnopqrstuvwxyz';

/** The fields of rooms, members and invites (`fields.ts` explains the form). */
export const ROOM_FIELDS: Record<string, Field> = {
  roomId: ['The id of the room. Members name the chat `~<roomId>`.', ROOM_ID],
  'Chat.room': [
    'The room that the conversation is, from the side of the caller; `null` if nobody was ever invited.',
    { roomId: ROOM_ID, role: 'editor', name: 'Ada', userId: 'user_1', people: 3, v: 12 },
  ],
  'Room.role': ['What the caller is in it.', 'editor'],
  'Room.name': ["The caller's name in it.", 'Ada'],
  'Room.userId': ["The caller's user id.", 'user_1'],
  'Room.people': ['How many people have a role in it, with the owner.', 3],
  'Room.v': ['Raised by every change of the conversation.', 12],
};
