import type { Field } from './field.ts';

const SECRET = 'wJmP0q9vXb3T7uR2kLs8dYf5hGz1cNa6eQi4oVtUyBM';
const SHARE_ID = 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg';
const TIME = '2026-03-02T17:05:00.000Z';

/** The fields of public pages (`fields.ts` explains the form). */
export const SHARE_FIELDS: Record<string, Field> = {
  mode: [
    '`snapshot`: it stays as it is until it is updated. `live`: it shows the conversation as it is when somebody opens it.',
    'snapshot',
  ],
  'ShareRequest.leaf': [
    'The page shows the path through this message. `null` or left out: the path to the newest message.',
    'message-2',
  ],
  'SharePatch.leaf': [
    'With `update`, and for live pages: the page shows the path through this message. `null`: the path to the newest message.',
    'message-2',
  ],
  'Share.leaf': ['The page shows the path through this message. `null`: the path to the newest message.', null],
  'ShareAnswer.leaf': ['The page shows the path through this message. `null`: the path to the newest message.', null],
  expiresIn: [
    'Seconds until the page is removed. It is removed earlier if its conversation is deleted or expires. Default: 30 days.',
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
    'The title of the page. Default: that of the conversation. A boolean sets `showTitleInPreview` instead.',
    'How streams resume',
  ],
  'SharePatch.title': ['The title of the page. `null`: that of the conversation.', 'How streams resume'],
  'Share.title': ['The title of the page.', 'How streams resume'],
  'ShareAnswer.title': ['The title of the page.', 'How streams resume'],
  'SharedPage.title': ['The title of the page.', 'How streams resume'],
  update: ['Makes the next revision of a snapshot, at the same URL. Without `leaf`, its `leaf` does not change.', true],
  shareId: ['The SHA-256 of the secret in its URL, in base64url. It cannot be used to open the page.', SHARE_ID],
  revision: ['The number of its revision. The first is 1.', 1],
  'Share.updatedAt': ['When its last revision was made. ISO 8601.', TIME],
  'ShareAnswer.updatedAt': ['When its last revision was made. ISO 8601.', TIME],
  'SharedPage.updatedAt': ['When its last revision was made. ISO 8601.', TIME],
  expiresAt: ['When the page expires. ISO 8601.', TIME],
  reads: ['How many times the page was opened.', 12],
  lastReadAt: ['When it was opened last. ISO 8601. `null`: never.', TIME],
  'ShareList.shares': ['The pages, the newest first.', []],
  secret: ['The secret in its URL: 256 random bits, in base64url.', SECRET],
  counts: ['True if this request counts as a read of the page. Default: true.', true],
  instructionsText: ['The instructions of the conversation, if they are shown.', 'Answer briefly.'],
  'SharedPage.messages': ['The messages, oldest first, with what the page shows of them.', []],
  isCut: ['True if the page is too long, so that its beginning is left out. Only for live pages.', false],
  tag: [
    'Changes when the messages on the page change, but not with its options or its title. A request for a copy names it.',
    '1',
  ],
  'SharedPage.stream': ['The answer that is being written at the end of a live page.', null],
  'SharedPage.stream.tag': ['The `tag` of the page once this answer is stored.', 'eHh4eHh4eHh4eHh4eHh4eA'],
  'SharedPage.stream.settings': [
    'Changes with each change of the options of the page. A request for the events names it.',
    'eHh4eHh4eHh4eHh4eHh4eA',
  ],
  'SharedEventsRequest.settings': [
    'The `settings` of the page that was read. If the options have changed since, the answer is `share_changed`.',
    'eHh4eHh4eHh4eHh4eHh4eA',
  ],
  'ShownMessage.versions': ['Its other versions, oldest first.', []],
  'SharedMessage.status': ['How its stream ended. `partial`: this is only the beginning of the answer.', 'completed'],
  'ShownMessage.status': ['How its stream ended. `partial`: this is only the beginning of the answer.', 'completed'],
  'SharedMessage.errorCode': ['Why the answer failed.', 'stalled'],
  'ShownMessage.errorCode': ['Why the answer failed.', 'stalled'],
  'SharedMessage.by': ['The name of the person who asked.', 'Ada'],
  'ShownMessage.by': ['The name of the person who asked.', 'Ada'],
  sentByClient: [
    'True if a client sent the answer along with a request, so that no model wrote it here. Otherwise left out.',
    true,
  ],
  'SharedCopyRequest.forkId': [
    'The id of the new conversation, chosen by the caller. A repeated request with the same id and the same page returns the same conversation.',
    'chat-2',
  ],
  'PeriodFigures.sharesMade': ['Public pages that were made, by mode.', { snapshot: 2 }],
  'PeriodFigures.sharesOpened': ['How many times public pages were opened, by mode.', { snapshot: 40 }],
};
