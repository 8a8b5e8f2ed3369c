import type { Field } from './field.ts';

const ROOM_ID = 'abcdefghijklmnopqrstuvwxyz';
const TIME = '2026-03-02T17:05:00.000Z';
const LATER = '2026-03-09T17:05:00.000Z';
const INVITE = {
  inviteId: '3pK9x0ZrQ1mVt2Ya',
  role: 'editor',
  createdAt: TIME,
  expiresAt: LATER,
  maxUses: 1,
  uses: 0,
  revokedAt: null,
};
const AUTHOR = { userId: 'user_2', name: 'Grace' };
const SAID = {
  id: 'message-3',
  role: 'user',
  parts: [{ type: 'text', text: 'I will look into it.' }],
  parentId: 'message-2',
  createdAt: TIME,
};
const MEMBER = { userId: 'user_1', name: 'Ada', role: 'owner', since: TIME };
const TOKEN = 'wGBTUOOMjHHFIS1hqKG7ybyTyHrL1w2c5bDDp9JJdVQ';
const SUMMARY = { roomId: ROOM_ID, title: 'Plans', role: 'editor', owner: 'Ada', updatedAt: TIME, isActive: false };

/** The fields of rooms, members and invites (`fields.ts` explains what the keys mean). */
export const ROOM_FIELDS: Record<string, Field> = {
  roomId: ['The id of the room. Members name the conversation `~<roomId>`.', ROOM_ID],
  'Chat.room': [
    'The room of the conversation, as the caller sees it; `null` if nobody was ever invited.',
    { roomId: ROOM_ID, role: 'editor', name: 'Ada', userId: 'user_1', people: 3, viewersMayBranch: false, v: 12 },
  ],
  'Room.role': ["The caller's role in the room.", 'editor'],
  'Room.name': ["The caller's name in the room.", 'Ada'],
  'Room.userId': ["The caller's user id.", 'user_1'],
  'Room.people': ['How many people have a role in the room, including the owner.', 3],
  'Room.viewersMayBranch': ['True if viewers may fork the conversation into conversations of their own.', false],
  'ChatPatch.viewersMayBranch': [
    'True lets viewers of the room fork the conversation into conversations of their own.',
    true,
  ],
  'Room.v': ['The version of the conversation. Every change raises it.', 12],
  userId: ['The user id of the person.', 'user_1'],
  'MemberList.members': ['The owner first, then the members in the order in which they joined.', [MEMBER]],
  'Member.name': ["The person's name in this room.", 'Ada'],
  'Member.role': ["The person's role in this room.", 'owner'],
  'Member.since': ['When they joined. ISO 8601.', TIME],
  'MemberPatch.role': ['The new role. Only the owner may set it.', 'viewer'],
  'MemberPatch.name': ['Your new name.', 'Ada'],
  'InviteRequest.role': ['The role that people get when they join.', 'editor'],
  'InviteRequest.expiresIn': ['Seconds until the invitation expires.', 604_800],
  'InviteRequest.maxUses': ['How many people can join with the invitation.', 1],
  'InviteRequest.name': ["The owner's name as members see it. Ignored if the owner has given a name before.", 'Ada'],
  'InviteAnswer.token': [
    'The token of the invitation. Everybody who has it can join. No other response contains it.',
    TOKEN,
  ],
  inviteId: ['The id of the invitation.', INVITE.inviteId],
  'InviteList.invites': ['The invitations that can be used, the newest first.', [INVITE]],
  'Invite.role': ['The role that people get when they join.', 'editor'],
  'Invite.expiresAt': ['When the invitation expires. ISO 8601.', LATER],
  'Invite.maxUses': ['How many people can join with the invitation.', 1],
  'Invite.uses': ['How many people have joined with the invitation.', 0],
  'Invite.revokedAt': [
    'When the invitation was revoked. Always `null`, because revoked invitations are not listed.',
    null,
  ],
  'LookRequest.token': ['The token of the invitation.', TOKEN],
  'Invitation.title': ['The title of the conversation.', 'Plans'],
  'Invitation.from': ["The owner's name.", 'Ada'],
  'Invitation.role': [
    'The role that you get by joining. For guests it can be `viewer` although the invitation gives `editor`.',
    'editor',
  ],
  'Invitation.expiresAt': ['When the invitation expires. ISO 8601.', LATER],
  'Invitation.messages': ['How many messages the conversation has.', 12],
  'Invitation.people': ['How many people are in the room.', 3],
  'Invitation.joined': ['The id of the room if you are in it already, otherwise `null`.', null],
  'JoinRequest.token': ['The token of the invitation.', TOKEN],
  'JoinRequest.name': ['Your name as others see it in this room.', 'Grace'],
  'JoinAnswer.role': ['Your role in the room now.', 'editor'],
  'RoomList.rooms': ['The rooms, the most recently changed first.', [SUMMARY]],
  'RoomSummary.role': ['Your role in the room.', 'editor'],
  'RoomSummary.owner': ["The owner's name.", 'Ada'],
  'RoomSummary.isActive': ['True if an answer is being written in the room.', false],

  // Authors, messages to people, and who is in the room
  'StoredMessage.stoppedBy': [
    'If `status` is `cancelled`: who stopped the answer, with the name that they had then. Only in a room.',
    AUTHOR,
  ],
  by: [
    'The person who asked the question or added the message, with the name that they had then. Only in a room.',
    AUTHOR,
  ],
  'Author.name': ["The person's name in this room.", 'Grace'],
  'Chat.said': [
    'Messages that people added while the answer is being written, oldest first. When the answer has ended, they are placed after it.',
    [{ ...SAID, by: AUTHOR }],
  ],
  'SayRequest.messageId': ['The id of the message. It makes the request safe to repeat.', 'message-3'],
  'SayRequest.text': ['The text of the message.', 'I will look into it.'],
  'SayRequest.parentId': [
    'The message after which the new message is placed. Left out: the answer that is being written, or the newest message if no answer is being written.',
    'message-2',
  ],
  'SayAnswer.messageId': ['The id of the message.', 'message-3'],
  'Presence.tab': [
    'The page in which the person types: the `tab` that this page sent with the request for its feed.',
    'k3v9',
  ],
  'Presence.typing': ['True while the person is typing, false when they have stopped.', true],
  'followRoom.tab': ['An id that the page chooses. The page sends the same id when it connects again.', 'k3v9'],
  'followRoom.after': [
    'The version of the conversation that the page shows (`room.v`), for the first request of the page. The header `Last-Event-ID` has precedence.',
    '12',
  ],
};
