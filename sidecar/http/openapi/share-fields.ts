import type { Field } from './field.ts';

const SECRET = 'wJmP0q9vXb3T7uR2kLs8dYf5hGz1cNa6eQi4oVtUyBM';
const SHARE_ID = 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg';
const TIME = '2026-03-02T17:05:00.000Z';

/** The fields of public pages (`fields.ts` explains what the keys mean). */
export const SHARE_FIELDS: Record<string, Field> = {
  mode: [
    '`snapshot`: the page stays as it is until it is updated. `live`: the page shows the conversation as it is when somebody opens the page.',
    'snapshot',
  ],
  'ShareRequest.leaf': [
    'The page shows the path through this message. `null` or left out: the path to the newest message.',
    'message-2',
  ],
  'SharePatch.leaf': [
    'The page shows the path through this message. `null`: the path to the newest message. For a snapshot, `leaf` is ignored without `update`.',
    'message-2',
  ],
  'Share.leaf': ['The page shows the path through this message. `null`: the path to the newest message.', null],
  'ShareAnswer.leaf': ['The page shows the path through this message. `null`: the path to the newest message.', null],
  expiresIn: [
    'Seconds from this request until the page is removed. The page is removed earlier if its conversation is deleted or expires. Default for a new page: 30 days.',
    86_400,
  ],
  reasoning: ['Shows the thoughts of the model.', false],
  tools: ['Shows tool calls with their inputs and outputs.', false],
  'ShareRequest.versions': ['Shows other versions of the messages.', false],
  'SharePatch.versions': ['Shows other versions of the messages.', false],
  'Share.versions': ['Shows other versions of the messages.', false],
  'ShareAnswer.versions': ['Shows other versions of the messages.', false],
  'SharedPage.versions': ['Shows other versions of the messages.', false],
  names: ['Shows the names of the people who asked.', false],
  'ShareRequest.instructions': ['Shows the instructions of the conversation.', false],
  'SharePatch.instructions': ['Shows the instructions of the conversation.', false],
  'Share.instructions': ['Shows the instructions of the conversation.', false],
  'ShareAnswer.instructions': ['Shows the instructions of the conversation.', false],
  'SharedPage.instructions': ['Shows the instructions of the conversation.', false],
  copy: ['Readers may copy what the page shows into a conversation of their own.', true],
  showTitleInPreview: ['Previews of a link to the page show its title.', false],
  'ShareRequest.title': [
    'The title of the page. Default: the title of the conversation. A boolean keeps this default and sets `showTitleInPreview`.',
    'How streams resume',
  ],
  'SharePatch.title': ['The title of the page. `null`: the title of the conversation.', 'How streams resume'],
  'Share.title': ['The title of the page.', 'How streams resume'],
  'ShareAnswer.title': ['The title of the page.', 'How streams resume'],
  'SharedPage.title': ['The title of the page.', 'How streams resume'],
  update: [
    'Makes the next revision of a snapshot, at the same URL. Without `leaf`, the revision shows the same path as before.',
    true,
  ],
  shareId: [
    'The id of the page: the SHA-256 of the secret in its URL, in base64url. The id cannot be used to open the page.',
    SHARE_ID,
  ],
  revision: ['The number of the revision that the page shows. The first is 1.', 1],
  'Share.updatedAt': ['When the last revision of the page was made. ISO 8601.', TIME],
  'ShareAnswer.updatedAt': ['When the last revision of the page was made. ISO 8601.', TIME],
  'SharedPage.updatedAt': ['When the last revision of the page was made. ISO 8601.', TIME],
  expiresAt: ['When the page expires. ISO 8601.', TIME],
  reads: ['How many times the page was opened.', 12],
  lastReadAt: ['When the page was last opened. ISO 8601. `null`: never.', TIME],
  'ShareList.shares': ['The pages, the newest first.', []],
  secret: ['The secret in the URL of the page: 256 random bits, in base64url.', SECRET],
  counts: ['True if this request counts as a read of the page. Default: true.', true],
  instructionsText: ['The instructions of the conversation, if they are shown.', 'Answer briefly.'],
  'SharedPage.messages': ['The messages, oldest first. Each has only the parts that the page shows.', []],
  isCut: [
    'True if the oldest messages are left out, because the page would be too long. Always false for a snapshot.',
    false,
  ],
  tag: [
    'A text that changes when the messages on the page change, but not when the options or the title of the page change. A request for a copy sends this text.',
    '1',
  ],
  'SharedPage.stream': ['The answer that is being written at the end of a live page, otherwise `null`.', null],
  'SharedPage.stream.tag': ['The `tag` of the page once this answer is stored.', 'eHh4eHh4eHh4eHh4eHh4eA'],
  'SharedPage.stream.settings': [
    'A text that changes when the path, the title or the options of the page change. A request that follows the live page (`POST /shared/events`) sends this text.',
    'eHh4eHh4eHh4eHh4eHh4eA',
  ],
  'SharedEventsRequest.settings': [
    'The `stream.settings` of the page that was read. If they have changed since, the request fails with `share_changed`.',
    'eHh4eHh4eHh4eHh4eHh4eA',
  ],
  'ShownMessage.versions': ['The other versions of the message, oldest first.', []],
  'SharedMessage.status': ['How the answer ended. `partial`: this is only the beginning of the answer.', 'completed'],
  'ShownMessage.status': ['How the answer ended. `partial`: this is only the beginning of the answer.', 'completed'],
  'SharedMessage.errorCode': ['Why the answer failed.', 'stalled'],
  'ShownMessage.errorCode': ['Why the answer failed.', 'stalled'],
  'SharedMessage.by': ['The name of the person who asked.', 'Ada'],
  'ShownMessage.by': ['The name of the person who asked.', 'Ada'],
  sentByClient: [
    'True if a client sent this answer as part of a request, and no model wrote it here. Otherwise left out.',
    true,
  ],
  'SharedCopyRequest.tag': [
    'The `tag` of the page that was read. If it has changed since, the request fails with `share_changed`.',
    '1',
  ],
  'SharedCopyRequest.forkId': [
    'The id of the new conversation, chosen by the caller. A repeated request with the same id and the same page returns the same conversation.',
    'chat-2',
  ],
  'PeriodFigures.sharesMade': ['Public pages that were made, by mode.', { snapshot: 2 }],
  'PeriodFigures.sharesOpened': ['How many times public pages were opened, by mode.', { snapshot: 40 }],
};
