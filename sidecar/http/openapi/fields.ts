import type { Field } from './field.ts';
import { SHARE_FIELDS } from './share-fields.ts';
import { ROOM_FIELDS } from './room-fields.ts';
import { TEMPLATE_FIELDS } from './template-fields.ts';

const STREAM_ID = 'abcdefghijklmnopqrstuvwxyz';
const SHA256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const PARTS = [{ type: 'text', text: 'Hello' }];
const TIME = '2026-03-02T17:05:00.000Z';
const HISTOGRAM = [0, 2, 5, 1];
const FIGURES = {
  started: 8,
  completed: 7,
  error: 1,
  cancelled: 0,
  tokens: 5210,
  firstTokenMs: HISTOGRAM,
  tokensPerSecond: HISTOGRAM,
};

/**
 * Describes the fields of all requests and responses, and the parameters. An entry with a dot (`ChatList.next`) describes the
 * field of one schema or the parameter of one operation. An entry without a dot describes every field of that name that has
 * no entry with a dot. The texts are not in shared/ with the schemas, because browsers load the schemas, and would then load the
 * texts, too.
 *
 * This file is longer than others, because it is one list.
 */
export const FIELDS: Record<string, Field> = {
  // Fields of several schemas
  streamId: ['The id of the stream, which is one answer while it is written and after it has ended.', STREAM_ID],
  chatId: ['The id of the conversation, as the client chose it.', 'chat-1'],
  messageId: ['The id of the message that the answer becomes.', 'message-2'],
  parentId: [
    'The id of the message before this one. `null` for the first. Versions of one message have one parent.',
    'm1',
  ],
  modelId: ['The id of the model, as the start named it.', 'demo'],
  servedBy: ['The provider of the model: `google`, `openai-compatible`, `demo` or `synthetic`.', 'demo'],
  status: [
    '`queued` until the answers before it are complete, `active` until its end is stored, then how it ended.',
    'completed',
  ],
  resumable: ['False without Redis: answers are kept in memory and are lost when the sidecar exits.', true],
  guestsMayEdit: ['False: in rooms of others, guests can only read.', true],
  title: ['The title of the conversation.', 'Resumable streams'],
  instructions: ['The system prompt of the conversation.', 'Answer briefly.'],
  createdAt: ['When it was created. ISO 8601.', TIME],
  updatedAt: ['When it last changed. ISO 8601.', TIME],
  metadata: ['Any value of the client. It is stored and returned, and not sent to the model.', { source: 'phone' }],
  role: ['Who wrote the message.', 'assistant'],
  parts: ['The content, as the parts of an AI SDK UIMessage. Unknown parts and fields are kept.', PARTS],
  type: ['The type of the part.', 'text'],
  id: ['The id of the message.', 'message-2'],

  // Starting an answer
  'StartRequest.messageId': [
    'The id of the message to be written. It makes the request safe to repeat: the same id returns the same stream.',
    'message-2',
  ],
  'StartRequest.modelId': ['A model of `GET /models`.', 'demo'],
  'StartRequest.messages': [
    'The conversation, ending with the question. If the sidecar has this conversation already, only the last message is added to it.',
    [{ role: 'user', content: 'What is a resumable stream?' }],
  ],
  'IncomingMessage.id': ['The id of the message. Without it, the sidecar makes one.', 'message-1'],
  'IncomingMessage.role': ['Who wrote the message. `system` is refused: use `instructions`.', 'user'],
  'IncomingMessage.parts': ['The content, as the parts of an AI SDK UIMessage.', PARTS],
  'IncomingMessage.content': ['The content as plain text, instead of `parts`.', 'What is a resumable stream?'],
  'StartRequest.parentId': [
    'Places the question after this message. `null`: at the beginning. Default: after the message that precedes it in `messages`, otherwise after the newest one.',
    'message-0',
  ],
  'StartRequest.atEnd': [
    'True if no other question may follow the same parent. If one does already, the request fails with `stale_parent`.',
    true,
  ],
  'StartRequest.instructions': [
    'The system prompt, stored with the conversation. Without it, the stored one is used.',
    'Answer briefly.',
  ],
  'StartRequest.continueFrom': [
    'The id of an answer that ended early. The new answer begins with its content and continues it.',
    'message-1b',
  ],
  'StartAnswer.status': [
    '`active`; `queued` if it waits for the answers before it; or how it ended, if an earlier request started it.',
    'active',
  ],

  // The state of a stream
  'StreamState.startTime': ['When the answer was started. ISO 8601.', TIME],
  'StreamState.lastActivity': ['When it was last written to. ISO 8601.', TIME],
  'StreamState.lastEventId': [
    'The id of the last stored event. `null` while the stream is queued, and if the log was lost.',
    '12ab-2048',
  ],
  'StreamState.bytes': ['The length of the log in bytes.', 2048],
  'StreamState.sha256': ['The SHA-256 of the whole log, in hex. `null` until it has ended.', SHA256],
  'StreamState.error': [
    'Why the answer failed. `null` if it did not.',
    { code: 'stalled', text: 'The model fell silent. Please try again.' },
  ],
  'StreamError.code': ['The reason, as a stable word.', 'stalled'],
  'StreamError.text': ['The reason as a sentence for the user.', 'The model fell silent. Please try again.'],
  'StreamState.userId': ['Whose stream it is. Only for administrators.', 'user-1'],
  'StreamState.owner': ['The id of the process that writes it. Only for administrators.', 'k3x9q2'],
  'StreamState.waiting': [
    'The turns that wait in its conversation, and the time since which the first of them has waited. Only for administrators.',
    { turns: 2, since: '2026-03-02T17:05:00.000Z' },
  ],
  'StreamState.waiting.turns': ['How many turns wait in the conversation.', 2],
  'StreamState.waiting.since': ['Since when the first of them has waited. ISO 8601.', '2026-03-02T17:05:00.000Z'],
  'StreamState.readers': [
    'How many readers are connected, at all sidecars. Only for administrators. Some seconds old.',
    2,
  ],
  'ActiveStreams.streams': ['The active streams.', []],
  'CancelAnswer.status': ['How the answer ended.', 'cancelled'],
  'CancelAnswer.lastEventId': [
    'The id of the last stored event. `null` while Redis is away: the model was stopped, and the end is stored later.',
    '12ab-2048',
  ],
  'EndProof.status': ['How the answer ended.', 'completed'],
  'EndProof.bytes': ['The length of the log before this event. A reader compares it with what it received.', 2048],
  'EndProof.sha256': ['The SHA-256 of the log before this event, in hex.', SHA256],
  'EndProof.code': ['Why the answer failed, as a stable word.', 'stalled'],

  // Turns that wait
  'StartRequest.whenBusy': [
    'What to do if an answer is being written in the conversation. `reject`, the default: 409 `stream_active`. `queue`: this turn waits for it. `interrupt`: it is stopped, and this turn goes next.',
    'queue',
  ],
  place: ['The place of a turn that waits. 1 comes next; 0: it is about to begin. Left out once it has begun.', 1],
  'Chat.queue': ['The turns that wait. Empty on pages asked for with `before`.', { turns: [], paused: false }],
  'Queue.turns': ['The turns that wait, in their order.', []],
  'Queue.paused': [
    'True if the turns are held until they are resumed or discarded, because the answer before them failed or was stopped.',
    false,
  ],
  'QueuedTurn.place': ['1 comes next.', 1],
  'QueuedTurn.cut': ['True if `question` is only the beginning of a long text.', false],
  'QueuedTurn.question': [
    'The question to be added. `null` if the turn only writes another answer to a question of the conversation.',
    { id: 'message-1', role: 'user', parts: [{ type: 'text', text: 'Hello' }] },
  ],
  'QueuedTurnPatch.text': ['Another text for the question.', 'Hello again'],
  'QueuedTurnPatch.place': ['Another place. 1 comes next. A number beyond the end means the last place.', 1],
  'QueueAction.action': ['`resume` ends the pause, `discard` removes all turns, `send` begins one now.', 'send'],
  'QueueAction.messageId': ['The turn to send. Only with `send`.', 'message-2'],
  'PeriodFigures.branched': ['Conversations that were made as forks of others.', 1],
  'PeriodFigures.queued': ['Answers that had to wait for others in their conversation. They count as started, too.', 2],

  // Conversations
  'listChats.before': ['The `next` of the previous page.', '1772471100000.chat-1'],
  'listChats.limit': ['The largest number of conversations on the page.', 50],
  'listChats.q': ['Only conversations with this in their title, in upper or lower case.', 'stream'],
  'ChatList.chats': ['The conversations, the most recently changed first.', []],
  'ChatList.next': ['The `before` of the next page. `null` on the last page.', '1772471100000.chat-1'],
  'ChatSummary.stream': [
    'The latest answer. `null` if there was none.',
    { streamId: STREAM_ID, messageId: 'message-2', status: 'active' },
  ],
  'ChatSummary.unread': ['True if the latest answer ended after the user last opened the conversation.', false],
  'listChats.list': ['`archived`: the archived conversations instead of the others.', 'archived'],
  'ChatList.pinned': [
    'With the first page: the pinned conversations, the most recently pinned first. They are among `chats` too.',
    [],
  ],
  pinned: ['True if the conversation is at the top of the list.', false],
  archived: ['True if the conversation is in the list of archived ones instead of the usual one.', false],
  'Chat.temporary': ['True if it is in no list and no search, and is deleted a day after `createdAt`.', false],
  'StartRequest.temporary': [
    'A conversation that begins with this request is in no list and no search, and is deleted a day later.',
    true,
  ],
  'ChatSummary.forked': ['True if the conversation was forked from another one.', false],
  'ChatSummary.people': ['How many people have a role in it, including the owner.', 1],
  'Chat.from': ['The conversation that this one was forked from. `null` if it was not forked.', null],
  'Chat.forks': [
    'The forks at messages of this page, or at the answer that is being written. The oldest is first.',
    [{ messageId: 'message-2', chatId: 'chat-2', title: 'Resumable streams' }],
  ],
  'ForkRequest.forkId': ['The id of the new conversation. It makes the request safe to repeat.', 'chat-2'],
  'ForkRequest.messageId': ['The last message of the new conversation.', 'message-2'],
  'ForkRequest.at': [
    'How far an answer is copied: up to this event id, or up to `now`. `null`: the whole message.',
    '12ab-2048',
  ],
  'ForkRequest.title': [
    'The title of the new conversation. Default: the title of the one that is copied.',
    'Another try',
  ],
  'ForkRequest.chatId': ['The conversation that is copied. If given, it must be the one in the path.', 'chat-1'],
  'ForkAnswer.chatId': ['The id of the new conversation.', 'chat-2'],
  'ForkAnswer.leafId': ['Its last message. It has the same id as in the conversation that was copied.', 'message-2'],
  'ForkAnswer.from': [
    'What it was forked from.',
    { chatId: 'chat-1', messageId: 'message-2', at: '12ab-2048', title: 'Resumable streams' },
  ],
  'ForkOrigin.messageId': ['The last message that was copied.', 'message-2'],
  'ForkOrigin.at': ['The event id up to which this message was copied. `null`: the whole message.', '12ab-2048'],
  'ShownOrigin.messageId': ['The last message that was copied.', 'message-2'],
  'ShownOrigin.at': ['The event id up to which this message was copied. `null`: the whole message.', '12ab-2048'],
  'ShownOrigin.exists': ['False if the conversation that was copied was deleted or has expired.', true],
  'ShownFork.messageId': ['The last message that was copied into the fork.', 'message-2'],
  'ChatPatch.pinned': ['`true` puts the conversation at the top of the list, and unarchives it.', true],
  'ChatPatch.archived': ['`true` moves the conversation to the archived ones, `false` moves it back.', true],
  'searchChats.q': [
    'Words or parts of words. All of them are in the title or in one message, in upper or lower case.',
    'stream',
  ],
  'searchChats.before': ['The `next` of the previous page.', '1772471100000.chat-1'],
  'searchChats.limit': ['The largest number of conversations on the page.', 20],
  'SearchAnswer.hits': ['The conversations that were found, the most recently changed first.', []],
  'SearchAnswer.next': ['The `before` of the next page. `null` on the last page.', '1772471100000.chat-1'],
  'SearchHit.title': ['The title, with what was found in it.', { text: 'Streams', marks: [{ from: 0, to: 6 }] }],
  'SearchHit.message': ['The newest message that has all the words. `null` if only the title has them.', null],
  'SearchHit.message.line': [
    'The line of the message that contains the words.',
    { text: 'A stream is a log.', marks: [{ from: 2, to: 8 }] },
  ],
  'MarkedText.text': ['The text.', 'A stream is a log.'],
  'MarkedText.marks': ['The places in the text, in characters.', [{ from: 2, to: 8 }]],
  'MarkedText.marks.from': ['The first character.', 2],
  'MarkedText.marks.to': ['The character after the last one.', 8],
  'getChat.leaf': [
    'Shows the path through this message, down to its newest descendant. Default: the path to the newest message.',
    'message-2',
  ],
  'getChat.at': ['Shows the path that ends with this message.', 'message-2'],
  'getChat.before': ['Shows the messages before this one: the `before` of the previous page.', 'message-1'],
  'deleteChat.unlessAskedWithinMs': [
    'The conversation is kept (`stale_parent`) if something was asked in it in this time, in milliseconds.',
    9_500,
  ],
  'getChat.limit': ['The largest number of messages on the page.', 50],
  'getChat.maxBytes': [
    'The largest size of all messages on the page together, in bytes. A page has at least one message.',
    49_152,
  ],
  'Chat.messages': [
    'A path, or a page of it: the parent of each message is the one before it. The answer being written is in `stream`.',
    [],
  ],
  'BranchMessage.versions': [
    'The ids of all versions of this message, oldest first. Left out if there is only one version.',
    ['m1', 'm1b'],
  ],
  'Chat.before': [
    'The `before` of the page with older messages. `null` if this page has the first message of the conversation.',
    'message-1',
  ],
  'Chat.answers': ['The ids of the answers to the last of `messages`.', ['message-2']],
  'Chat.messageCount': ['Number of messages in the conversation. Each version of a message is counted.', 12],
  'Chat.stream': [
    'The answer that is being written: its state, and the message so far, up to `lastEventId`. `null` if there is none.',
    null,
  ],
  'CurrentStream.message': [
    'The message as far as it is written.',
    { id: 'message-2', role: 'assistant', parts: PARTS },
  ],
  'CurrentStream.parentId': ['The message that it answers.', 'message-1'],
  'ChatPatch.title': ['A new title.', 'Resumable streams'],
  'ChatPatch.instructions': ['A new system prompt.', 'Answer briefly.'],
  'ChatPatch.read': ['Marks the conversation as read.', true],
  'listMessages.after': ['The `next` of the previous page.', 0],
  'listMessages.limit': ['The largest number of messages on the page.', 50],
  'MessagePage.messages': ['All versions of all messages, in the order in which they were added.', []],
  'MessagePage.next': ['The `after` of the next page. `null` on the last page.', 50],
  'StoredMessage.status': [
    'How the answer ended. `partial`: this is a copy of only its beginning, in a fork. Only on messages of the assistant.',
    'completed',
  ],
  'StoredMessage.errorText': ['Why it failed, as a sentence for the user.', 'The model fell silent. Please try again.'],
  'StoredMessage.errorCode': ['Why it failed, as a stable word.', 'stalled'],

  ...ROOM_FIELDS,
  ...TEMPLATE_FIELDS,
  ...SHARE_FIELDS,

  // Operation
  'ModelList.models': ['The models to choose from.', []],
  'ModelInfo.id': ['The `modelId` of a start.', 'demo'],
  'ModelInfo.name': ['The name to show.', 'Demo'],
  'ModelInfo.available': ['False if it is not configured.', true],
  'ModelInfo.reason': [
    'Why it is not available, and what to do.',
    'Set GOOGLE_GENERATIVE_AI_API_KEY to use this model.',
  ],
  'ModelList.defaultModelId': ['The model to offer first.', 'demo'],
  'CleanupRequest.action': [
    '`expired`: what is past its lifetime. `force`: everything that has ended, and streams that no process writes.',
    'expired',
  ],
  'CleanupAnswer.action': ['The action of the request.', 'expired'],
  'CleanupAnswer.scanned': ['How many streams were looked at.', 20],
  'CleanupAnswer.removed': ['How many were removed.', 4],
  'CleanupAnswer.mended': ['How many stale index entries and pointers were corrected.', 0],
  'CleanupAnswer.more': [
    'True if the time limit of one request was reached. Send the request again to continue. Otherwise left out.',
    true,
  ],
  'CleanupAnswer.recovered': ['How many abandoned answers were handed to a live process.', 0],
  'analytics.from': ['The beginning. ISO 8601. Default: 24 hours before `to`.', '2026-03-01T00:00:00Z'],
  'analytics.to': ['The end. ISO 8601. Default: now.', '2026-03-02T00:00:00Z'],
  'analytics.step': ['The length of a period. Default: `hour` for up to a week, otherwise `day`.', 'hour'],
  'Analytics.from': ['The beginning of the first period. ISO 8601.', '2026-03-01T00:00:00.000Z'],
  'Analytics.to': ['The end of the last period. ISO 8601.', '2026-03-02T00:00:00.000Z'],
  'Analytics.step': ['The length of a period.', 'hour'],
  'Analytics.periods': ['Oldest first. Periods in which nothing happened are left out.', []],
  'Analytics.hoursOfDay': ['Answers started, by hour of the day, 0 to 23, in UTC.', Array<number>(24).fill(0)],
  'PeriodFigures.start': ['The beginning of the period. ISO 8601, UTC.', '2026-03-01T17:00:00.000Z'],
  started: ['Answers started.', 8],
  completed: ['Answers that were completed.', 7],
  error: ['Answers that failed.', 1],
  cancelled: ['Answers that were stopped by their user.', 0],
  'PeriodFigures.errors': ['Answers that failed, by the code of the reason.', { stalled: 1 }],
  'PeriodFigures.refused': ['Refused requests, by the code of the error.', { rate_limited: 3 }],
  'PeriodFigures.resumes': [
    'Readers by where they began: `live`, `catch-up`, `beginning`, `position-lost`.',
    { live: 9 },
  ],
  'PeriodFigures.reads': [
    'Readers by how they ended: `done`, `cut` (by the server; they reconnect), `left` (before the end).',
    { done: 8, left: 1 },
  ],
  'PeriodFigures.takeovers': [
    'Answers that another process took over: `handover` if they were handed over, otherwise the policy after the loss of a process (`continue`, `restart`, `fail`).',
    { continue: 1 },
  ],
  'PeriodFigures.models': ['The figures of each model.', { demo: FIGURES }],
  'PeriodFigures.cleanup': ['What cleaning up did.', { runs: 12, scanned: 40, removed: 6, mended: 0, recovered: 0 }],
  'PeriodFigures.cleanup.runs': ['Cleanups.', 12],
  'PeriodFigures.cleanup.scanned': ['Streams looked at.', 40],
  'PeriodFigures.cleanup.removed': ['Streams removed.', 6],
  'PeriodFigures.cleanup.mended': ['Stale index entries and pointers corrected.', 0],
  'PeriodFigures.cleanup.recovered': ['Abandoned answers handed to a live process.', 0],
  'PeriodFigures.memory': [
    'The memory of Redis. `null` without Redis.',
    { meanBytes: 4_100_000, maxBytes: 5_200_000, limitBytes: 1_073_741_824 },
  ],
  'PeriodFigures.memory.meanBytes': ['The mean, in bytes.', 4_100_000],
  'PeriodFigures.memory.maxBytes': ['The largest, in bytes.', 5_200_000],
  'PeriodFigures.memory.limitBytes': ["Redis's limit in bytes. 0: none.", 1_073_741_824],
  'ModelFigures.tokens': ['Tokens written.', 5210],
  'ModelFigures.firstTokenMs': [
    'A histogram of the time from the call of the model to its first token, in ms.',
    HISTOGRAM,
  ],
  'ModelFigures.tokensPerSecond': ['A histogram of tokens per second.', HISTOGRAM],

  // Errors
  'Problem.type': ['A URN with the code.', 'urn:rejoin:error:not_found'],
  'Problem.title': [
    'The error as a sentence for the user. May change.',
    'It does not exist, has expired, or belongs to somebody else.',
  ],
  'Problem.status': ['The HTTP status.', 404],
  'Problem.code': ['The error as a stable word. Programs should use this field and not the title.', 'not_found'],
  'Problem.detail': ['What exactly was wrong, and what to do about it.', 'Wait for the answer, or stop it first.'],
  'Problem.leafId': ['The newest descendant of the parent. For `stale_parent`.', 'message-4'],
  'Problem.streamId': [
    'The stream that the error is about. For `stream_active`, `idempotency_mismatch` and `not_waiting`.',
    STREAM_ID,
  ],
  'Problem.issues': [
    'Each field that is wrong. For `invalid_request` and `template_invalid`.',
    [{ path: 'messages.0.role', message: 'must be one of: user, assistant' }],
  ],
  'Problem.issues.path': ['The field, with dots.', 'messages.0.role'],
  'Problem.issues.message': ['What is wrong with it.', 'must be one of: user, assistant'],
};
