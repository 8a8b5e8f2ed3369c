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
 * no entry with a dot. The texts are not part of the schemas in shared/, because browsers load those schemas and do not need the
 * texts.
 *
 * This file is longer than others, because it is one list.
 */
export const FIELDS: Record<string, Field> = {
  // Fields of several schemas
  streamId: ['The id of the stream. A stream is one answer, while it is written and after it has ended.', STREAM_ID],
  chatId: ['The id of the conversation, as a client chose it. For a member of its room: `~<roomId>`.', 'chat-1'],
  messageId: ['The id of the message that the stream writes.', 'message-2'],
  parentId: [
    'The id of the message before this one. `null` for the first. All versions of a message have the same parent.',
    'm1',
  ],
  modelId: ['The id of the model that writes the answer.', 'demo'],
  servedBy: ['The provider of the model: `google`, `openai-compatible`, `demo` or `synthetic`.', 'demo'],
  status: [
    '`queued`: the stream waits for earlier answers in its conversation. `active`: its end is not stored yet. The other values say how it ended.',
    'completed',
  ],
  resumable: ['False without Redis: answers are kept in memory and are lost when the sidecar exits.', true],
  guestsMayEdit: ['False: in rooms of others, guests can only read.', true],
  title: ['The title of the conversation.', 'Resumable streams'],
  instructions: ['The system prompt of the conversation.', 'Answer briefly.'],
  createdAt: ['The time of creation. ISO 8601.', TIME],
  updatedAt: ['The time of the last change. ISO 8601.', TIME],
  metadata: ['Any value of the client. It is stored and returned, and not sent to the model.', { source: 'phone' }],
  role: ['Who wrote the message.', 'assistant'],
  parts: ['The content, as the parts of an AI SDK UIMessage. Unknown parts and fields are kept.', PARTS],
  type: ['The type of the part.', 'text'],
  id: ['The id of the message.', 'message-2'],

  // Starting an answer
  'StartRequest.messageId': [
    'The id of the answer to be written, not of the question. It makes the request safe to repeat: the same id returns the same stream.',
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
    'The message after which the question is placed. `null`: the question begins the conversation. Left out: the message before the question in `messages`, if the conversation contains that message; otherwise the newest message of the conversation.',
    'message-0',
  ],
  'StartRequest.atEnd': [
    'True: the request fails with `stale_parent` if another question already follows the same parent.',
    true,
  ],
  'StartRequest.instructions': [
    'The system prompt. It is stored with the conversation. Left out: the stored system prompt is used.',
    'Answer briefly.',
  ],
  'StartRequest.continueFrom': [
    'The id of an answer that ended early. The new answer begins with the content of that answer and continues it.',
    'message-1b',
  ],
  'StartAnswer.status': [
    '`active`, or `queued` if the answer has to wait for earlier answers. If an earlier request started the answer and it has ended: how it ended.',
    'active',
  ],

  // The state of a stream
  'StreamState.startTime': ['When the answer was started. ISO 8601.', TIME],
  'StreamState.lastActivity': ['When something was last written to the stream. ISO 8601.', TIME],
  'StreamState.lastEventId': [
    'The id of the last stored event. `null` while the stream is queued, and if the log was lost.',
    '12ab-2048',
  ],
  'StreamState.bytes': ['The length of the log in bytes.', 2048],
  'StreamState.sha256': ['The SHA-256 of the whole log, in hex. `null` until the stream has ended.', SHA256],
  'StreamState.error': [
    'Why the answer failed. `null` if it did not fail.',
    { code: 'stalled', text: 'The model fell silent. Please try again.' },
  ],
  'StreamError.code': ['The reason, as a stable word.', 'stalled'],
  'StreamError.text': ['The reason as a sentence for the user.', 'The model fell silent. Please try again.'],
  'StreamState.userId': [
    'The user to whom the stream belongs: the owner of its conversation. Only for administrators.',
    'user-1',
  ],
  'StreamState.owner': ['The id of the process that writes the stream. Only for administrators.', 'k3x9q2'],
  'StreamState.waiting': [
    'How many turns wait in the conversation of the stream, and when the oldest of them began to wait. Left out if no turn waits. Only for administrators.',
    { turns: 2, since: '2026-03-02T17:05:00.000Z' },
  ],
  'StreamState.waiting.turns': ['How many turns wait in the conversation.', 2],
  'StreamState.waiting.since': ['When the oldest of these turns began to wait. ISO 8601.', '2026-03-02T17:05:00.000Z'],
  'StreamState.readers': [
    'How many readers are connected to all sidecars together. The number may be some seconds old. Only for administrators.',
    2,
  ],
  'ActiveStreams.streams': ['The active streams.', []],
  'CancelAnswer.status': ['How the answer ended.', 'cancelled'],
  'CancelAnswer.lastEventId': [
    'The id of the last stored event. `null` if Redis is away: the model was stopped, and the end is stored when Redis is back.',
    '12ab-2048',
  ],
  'EndProof.status': ['How the answer ended.', 'completed'],
  'EndProof.bytes': [
    'The length of the log before this event. A reader compares it with the number of bytes that it received.',
    2048,
  ],
  'EndProof.sha256': ['The SHA-256 of the log before this event, in hex.', SHA256],
  'EndProof.code': ['Why the answer failed, as a stable word.', 'stalled'],

  // Turns that wait
  'StartRequest.whenBusy': [
    'What to do if an answer is being written in the conversation. `reject` (the default): the request fails with `stream_active`. `queue`: this turn waits in the queue. `interrupt`: that answer is stopped, and this turn comes next.',
    'queue',
  ],
  place: [
    'The place of a waiting turn in the queue. 1: the turn comes next. 0: the turn is about to begin. Left out if the turn does not wait.',
    1,
  ],
  'Chat.queue': ['The turns that wait. Empty if the request has `before`.', { turns: [], paused: false }],
  'Queue.turns': ['The turns that wait. The first one comes next.', []],
  'Queue.paused': [
    'True if no turn begins by itself, because the answer before the turns failed, was stopped or was lost. `POST /chats/{chatId}/queue` ends the pause.',
    false,
  ],
  'QueuedTurn.place': ['The place of the turn in the queue. 1: the turn comes next.', 1],
  'QueuedTurn.cut': ['True if `question` is only the beginning of a long text.', false],
  'QueuedTurn.under': [
    'The id of a message in the branch to which the question will be added. The message may be an answer that is not stored yet. `null`: the question will follow the newest message.',
    'message-2',
  ],
  'QueuedTurn.followsVersions': [
    'True if another version of the message `under` takes its place when the version is added.',
    true,
  ],
  'QueuedTurn.question': [
    'The question to be added. `null` if the turn only writes another answer to a question of the conversation.',
    { id: 'message-1', role: 'user', parts: [{ type: 'text', text: 'Hello' }] },
  ],
  'QueuedTurnPatch.text': ['The new text of the question.', 'Hello again'],
  'QueuedTurnPatch.place': ['The new place. 1: the turn comes next. A number beyond the end means the last place.', 1],
  'QueueAction.action': [
    '`resume` ends the pause. `discard` removes all turns (a member removes only their own). `send` begins one turn now.',
    'send',
  ],
  'QueueAction.messageId': ['The `messageId` of the turn to send. Only with `send`.', 'message-2'],
  'PeriodFigures.branched': ['Conversations that were made as forks of others.', 1],
  'PeriodFigures.queued': [
    'Answers that had to wait for earlier answers. Each is also counted in `started` when it begins.',
    2,
  ],

  // Conversations
  'listChats.before': ['The `next` of the previous page.', '1772471100000.chat-1'],
  'listChats.limit': ['The largest number of conversations on the page.', 50],
  'listChats.q': ['Lists only conversations whose title contains this text. Case and accents do not matter.', 'stream'],
  'ChatList.chats': ['The conversations, the most recently changed first.', []],
  'ChatList.next': ['The `before` of the next page. `null` on the last page.', '1772471100000.chat-1'],
  'ChatSummary.stream': [
    'The latest answer. `null` if there was none.',
    { streamId: STREAM_ID, messageId: 'message-2', status: 'active' },
  ],
  'ChatSummary.unread': ['True if the latest answer ended after the user last opened the conversation.', false],
  'listChats.list': ['`archived`: the archived conversations instead of the others.', 'archived'],
  'ChatList.pinned': [
    'The pinned conversations, the most recently pinned first. Only on the first page, without `q` and `list`; otherwise empty. The pages of `chats` contain them, too.',
    [],
  ],
  pinned: ['True if the conversation is at the top of the list.', false],
  archived: ['True if the conversation is in the list of archived ones instead of the usual one.', false],
  'Chat.temporary': [
    'True if the conversation is in no list and no search, and is deleted a day after `createdAt`.',
    false,
  ],
  'StartRequest.temporary': [
    'True: if this request begins a conversation, the conversation is in no list and no search, and is deleted a day later.',
    true,
  ],
  'ChatSummary.forked': ['True if the conversation was forked from another one, or copied from a public page.', false],
  'ChatSummary.people': ['How many people have a role in the conversation, including the owner.', 1],
  'Chat.from': [
    'The conversation or public page that this conversation was copied from. `null` if it is not a copy.',
    null,
  ],
  'Chat.forks': [
    'The forks that were made at a message of this page or at the answer that is being written, oldest first. Members of a room get an empty list.',
    [{ messageId: 'message-2', chatId: 'chat-2', title: 'Resumable streams' }],
  ],
  'ForkRequest.forkId': ['The id of the new conversation. It makes the request safe to repeat.', 'chat-2'],
  'ForkRequest.messageId': ['The last message of the new conversation.', 'message-2'],
  'ForkRequest.at': [
    'Copies an answer only up to this event id. `now`: only what is written so far. `null`: the whole message.',
    '12ab-2048',
  ],
  'ForkRequest.title': [
    'The title of the new conversation. Default: the title of the conversation that is copied.',
    'Another try',
  ],
  'ForkRequest.chatId': [
    'The conversation that is copied. If this field is given, it must be the same as in the path.',
    'chat-1',
  ],
  'ForkAnswer.chatId': ['The id of the new conversation.', 'chat-2'],
  'ForkAnswer.leafId': [
    'The last message of the new conversation. It has the same id as in the conversation that was copied.',
    'message-2',
  ],
  'ForkAnswer.from': [
    'What the new conversation was copied from.',
    { chatId: 'chat-1', messageId: 'message-2', at: '12ab-2048', title: 'Resumable streams' },
  ],
  'ForkOrigin.chatId': ['The conversation that was copied. For a public page: its `shareId`.', 'chat-1'],
  'ForkOrigin.title': ['The title of the conversation or public page that was copied.', 'Resumable streams'],
  'ForkOrigin.messageId': ['The last message that was copied.', 'message-2'],
  'ForkOrigin.at': [
    'The event id up to which this message was copied. `null`: the whole message was copied.',
    '12ab-2048',
  ],
  'ShownOrigin.chatId': ['The conversation that was copied. For a public page: its `shareId`.', 'chat-1'],
  'ShownOrigin.title': ['The title of the conversation or public page that was copied.', 'Resumable streams'],
  'ShownOrigin.messageId': ['The last message that was copied.', 'message-2'],
  'ShownOrigin.at': [
    'The event id up to which this message was copied. `null`: the whole message was copied.',
    '12ab-2048',
  ],
  'ShownOrigin.exists': [
    'False if the caller cannot open the conversation that was copied. Always false for a public page.',
    true,
  ],
  'ShownFork.messageId': ['The last message that was copied into the fork.', 'message-2'],
  'ChatPatch.pinned': ['`true` puts the conversation at the top of the list, and unarchives it.', true],
  'ChatPatch.archived': ['`true` moves the conversation to the archived ones, `false` moves it back.', true],
  'searchChats.q': [
    'Words or parts of words. A conversation is found if its title or one of its messages contains all of them. Case and accents do not matter.',
    'stream',
  ],
  'searchChats.before': ['The `next` of the previous page.', '1772471100000.chat-1'],
  'searchChats.limit': ['The largest number of conversations on the page.', 20],
  'SearchAnswer.hits': ['The conversations that were found, the most recently changed first.', []],
  'SearchAnswer.next': ['The `before` of the next page. `null` on the last page.', '1772471100000.chat-1'],
  'SearchHit.title': [
    'The title, with the places of the words in it.',
    { text: 'Streams', marks: [{ from: 0, to: 6 }] },
  ],
  'SearchHit.message': [
    'The newest message that contains all the words. `null` if only the title contains them.',
    null,
  ],
  'SearchHit.message.messageId': ['The id of the message.', 'message-2'],
  'SearchHit.message.line': [
    'The line of the message that contains the largest number of the words.',
    { text: 'A stream is a log.', marks: [{ from: 2, to: 8 }] },
  ],
  'MarkedText.text': ['The title, or the line of a message.', 'A stream is a log.'],
  'MarkedText.marks': [
    'The places in `text` where the words were found. Each place is two offsets in `text`, counted in UTF-16 units.',
    [{ from: 2, to: 8 }],
  ],
  'MarkedText.marks.from': ['The offset of the first character of the place.', 2],
  'MarkedText.marks.to': ['The offset of the first character after the place.', 8],
  'getChat.leaf': [
    'Shows the path through this message, down to its newest descendant. Default: the path to the newest message.',
    'message-2',
  ],
  'getChat.at': ['Shows the path that ends with this message.', 'message-2'],
  'getChat.before': [
    'Shows the messages before this message. To get the next older page, send the `before` of the last response.',
    'message-1',
  ],
  'deleteChat.unlessAskedWithinMs': [
    'If a question was asked in the conversation within this many milliseconds before the request, the conversation is kept, and the request fails with `stale_parent`.',
    9_500,
  ],
  'getChat.limit': ['The largest number of messages on the page.', 50],
  'getChat.maxBytes': [
    'The largest size of all messages on the page together, in bytes. A page has at least one message, even if that message is larger.',
    49_152,
  ],
  'Chat.messages': [
    'A page of one path through the conversation, oldest message first. The parent of each message is the message before it. An answer that is being written is not in this list, but in `stream`.',
    [],
  ],
  'BranchMessage.versions': [
    'The ids of all versions of this message, oldest first. Left out if there is only one version.',
    ['m1', 'm1b'],
  ],
  'Chat.before': [
    'To get the page with the older messages, send this id as `before`. `null` if this page has the first message of the path.',
    'message-1',
  ],
  'Chat.answers': ['The ids of the answers to the last of `messages`.', ['message-2']],
  'Chat.messageCount': ['Number of messages in the conversation. Each version of a message is counted.', 12],
  'Chat.stream': [
    'The answer that is being written: its state, and the message so far, up to `lastEventId`. `null` if there is none, or if the request has `before`.',
    null,
  ],
  'CurrentStream.message': [
    'The message as far as it is written.',
    { id: 'message-2', role: 'assistant', parts: PARTS },
  ],
  'CurrentStream.parentId': ['The id of the question that the stream answers.', 'message-1'],
  'ChatPatch.title': ['A new title.', 'Resumable streams'],
  'ChatPatch.instructions': ['A new system prompt.', 'Answer briefly.'],
  'ChatPatch.read': ['Marks the conversation as read.', true],
  'listMessages.after': ['The `next` of the previous page.', 0],
  'listMessages.limit': ['The largest number of messages on the page.', 50],
  'MessagePage.messages': ['All versions of all messages, in the order in which they were added.', []],
  'MessagePage.next': ['The `after` of the next page. `null` on the last page.', 50],
  'StoredMessage.status': [
    'How the answer ended. `partial`: a fork copied only the beginning of the answer. Only on messages of the assistant.',
    'completed',
  ],
  'StoredMessage.errorText': [
    'Why the answer failed, as a sentence for the user.',
    'The model fell silent. Please try again.',
  ],
  'StoredMessage.errorCode': ['Why the answer failed, as a stable word.', 'stalled'],

  ...ROOM_FIELDS,
  ...TEMPLATE_FIELDS,
  ...SHARE_FIELDS,

  // Models, cleanup and counts
  'ModelList.models': ['The models to choose from.', []],
  'ModelInfo.id': ['The id of the model. A start sends it as `modelId`.', 'demo'],
  'ModelInfo.name': ['The name to show.', 'Demo'],
  'ModelInfo.available': ['False if the model is not configured.', true],
  'ModelInfo.reason': [
    'Why the model is not available, and what to do.',
    'Set GOOGLE_GENERATIVE_AI_API_KEY to use this model.',
  ],
  'ModelList.defaultModelId': ['The model to offer first.', 'demo'],
  'CleanupRequest.action': [
    '`expired` removes the streams that have ended and whose lifetime is over. `force` removes all streams that have ended, and those that lost the process that wrote them.',
    'expired',
  ],
  'CleanupAnswer.action': ['The action of the request.', 'expired'],
  'CleanupAnswer.scanned': ['How many streams were looked at.', 20],
  'CleanupAnswer.removed': ['How many streams were removed.', 4],
  'CleanupAnswer.mended': ['How many stale index entries and pointers were corrected.', 0],
  'CleanupAnswer.more': [
    'True if the time limit of one request was reached. Send the request again to continue. Otherwise left out.',
    true,
  ],
  'CleanupAnswer.recovered': ['How many abandoned answers were handed to a live process.', 0],
  'analytics.from': [
    'The beginning of the time range. ISO 8601. Default: 24 hours before `to`.',
    '2026-03-01T00:00:00Z',
  ],
  'analytics.to': ['The end of the time range. ISO 8601. Default: now.', '2026-03-02T00:00:00Z'],
  'analytics.step': ['The length of a period. Default: `hour` for up to a week, otherwise `day`.', 'hour'],
  'Analytics.from': ['The beginning of the first period. ISO 8601.', '2026-03-01T00:00:00.000Z'],
  'Analytics.to': ['The end of the last period. ISO 8601.', '2026-03-02T00:00:00.000Z'],
  'Analytics.step': ['The length of a period.', 'hour'],
  'Analytics.periods': ['The periods, oldest first. Periods in which nothing happened are left out.', []],
  'Analytics.hoursOfDay': ['Answers started, by hour of the day, 0 to 23, in UTC.', Array<number>(24).fill(0)],
  'PeriodFigures.start': ['The beginning of the period. ISO 8601, UTC.', '2026-03-01T17:00:00.000Z'],
  started: ['Answers started.', 8],
  completed: ['Answers that were completed.', 7],
  error: ['Answers that failed.', 1],
  cancelled: ['Answers that somebody stopped.', 0],
  'PeriodFigures.errors': ['Answers that failed, by the code of the reason.', { stalled: 1 }],
  'PeriodFigures.refused': ['Refused requests, by the code of the error.', { rate_limited: 3 }],
  'PeriodFigures.resumes': [
    'How many readers began at which place: `live` (at the end of the log), `catch-up` (after their event id), `beginning`, `position-lost` (at the beginning, because the log does not have their event id).',
    { live: 9 },
  ],
  'PeriodFigures.reads': [
    'How many readers ended in which way: `done` (they got everything), `cut` (the server cut them off, and they reconnect), `left` (they left before the end).',
    { done: 8, left: 1 },
  ],
  'PeriodFigures.takeovers': [
    'How many answers another process took over, for each of these keys. `handover`: the first process handed the answer over. `continue`, `restart`, `fail`: the first process was lost, and this was done with the answer.',
    { continue: 1 },
  ],
  'PeriodFigures.models': ['The figures of each model.', { demo: FIGURES }],
  'PeriodFigures.cleanup': ['What the cleanups did.', { runs: 12, scanned: 40, removed: 6, mended: 0, recovered: 0 }],
  'PeriodFigures.cleanup.runs': ['Cleanups.', 12],
  'PeriodFigures.cleanup.scanned': ['Streams looked at.', 40],
  'PeriodFigures.cleanup.removed': ['Streams removed.', 6],
  'PeriodFigures.cleanup.mended': ['Stale index entries and pointers corrected.', 0],
  'PeriodFigures.cleanup.recovered': ['Abandoned answers handed to a live process.', 0],
  'PeriodFigures.memory': [
    'The memory of Redis. `null` without Redis, or if it was not measured.',
    { meanBytes: 4_100_000, maxBytes: 5_200_000, limitBytes: 1_073_741_824 },
  ],
  'PeriodFigures.memory.meanBytes': ['The mean, in bytes.', 4_100_000],
  'PeriodFigures.memory.maxBytes': ['The largest, in bytes.', 5_200_000],
  'PeriodFigures.memory.limitBytes': ["Redis's limit in bytes. 0: no limit.", 1_073_741_824],
  'ModelFigures.tokens': ['Tokens written.', 5210],
  'ModelFigures.firstTokenMs': [
    'A histogram of the time from the call of the model to its first token, in ms.',
    HISTOGRAM,
  ],
  'ModelFigures.tokensPerSecond': ['A histogram of tokens per second.', HISTOGRAM],

  // Errors
  'Problem.type': ['A URN with the code.', 'urn:rejoin:error:not_found'],
  'Problem.title': [
    'The error as a sentence for the user. The wording may change.',
    'It does not exist, has expired, or belongs to somebody else.',
  ],
  'Problem.status': ['The HTTP status.', 404],
  'Problem.code': ['The error as a stable word. Programs should use this field and not the title.', 'not_found'],
  'Problem.detail': ['What exactly was wrong, and what to do about it.', 'Wait for the answer, or stop it first.'],
  'Problem.leafId': [
    'For `stale_parent`: the newest message below the parent in the request. After a refused deletion: the newest message of the conversation.',
    'message-4',
  ],
  'Problem.streamId': [
    'The stream that the error is about. For `stream_active`, `idempotency_mismatch` and `not_waiting`.',
    STREAM_ID,
  ],
  'Problem.issues': [
    'The fields that are wrong, or the first of them if there are many. For `invalid_request` and `template_invalid`.',
    [{ path: 'messages.0.role', message: 'must be one of: user, assistant' }],
  ],
  'Problem.issues.path': ['The path of the field, with dots.', 'messages.0.role'],
  'Problem.issues.message': ['What is wrong with the field.', 'must be one of: user, assistant'],
};
