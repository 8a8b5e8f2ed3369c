import type { ShareOptions } from '../../shared/chat/share-options.ts';
import type { SharedPage, SharedMessage, ShownMessage } from '../../shared/chat/shares.ts';
import { isSentByClient, type MessagePart, type StoredMessage } from '../../shared/chat/messages.ts';

/**
 * The content of a public page before the page's options are applied. A snapshot stores this content. For a live page, it is read
 * from the chat each time somebody opens the page.
 */
export type FrozenPage = Pick<SharedPage, 'title' | 'instructionsText' | 'messages' | 'isCut'>;

/**
 * Everything of a message that any public page may show. Fields and types of parts are listed one by one, so that new ones are not
 * shown by accident. Provider data and file contents are left out, and so is all metadata but `sentByClient`.
 */
export function shareable(message: StoredMessage): SharedMessage {
  const { id, role, createdAt, status, errorCode, modelId } = message;
  const name = (message.by as { name?: unknown } | undefined)?.name;
  return {
    id,
    role,
    parts: message.parts.flatMap(shareablePart),
    createdAt,
    ...(status === undefined ? {} : { status }),
    ...(errorCode === undefined ? {} : { errorCode }),
    ...(modelId === undefined ? {} : { modelId }),
    ...(typeof name === 'string' ? { by: name } : {}),
    ...(isSentByClient(message) ? { sentByClient: true } : {}),
  };
}

const isTool = (type: string): boolean => type === 'dynamic-tool' || type.startsWith('tool-');

function shareablePart(part: MessagePart): MessagePart[] {
  const { type } = part;
  const only = (...fields: string[]): MessagePart[] => [
    {
      type,
      ...Object.fromEntries(fields.flatMap((name) => (Object.hasOwn(part, name) ? [[name, part[name]]] : []))),
    },
  ];
  switch (type) {
    case 'text':
    case 'reasoning':
      return [{ type, text: String(part.text ?? ''), state: 'done' }];
    case 'source-url':
      return only('sourceId', 'url', 'title');
    case 'file':
    case 'step-start':
      return only();
    default:
      return isTool(type) ? only('toolName', 'toolCallId', 'state', 'input', 'output', 'errorText', 'title') : [];
  }
}

/** The message as a page with these options shows it. */
function shownMessage({ by, ...message }: SharedMessage, shows: ShareOptions): SharedMessage {
  const parts = message.parts.filter(
    ({ type }) => (shows.reasoning || type !== 'reasoning') && (shows.tools || !isTool(type)),
  );
  return { ...message, parts, ...(shows.names && by !== undefined ? { by } : {}) };
}

/** The page with its current options. They may differ from the options at the time at which the page was frozen. */
export function shownPage({ instructionsText, messages, ...page }: FrozenPage, shows: ShareOptions): FrozenPage {
  return {
    ...page,
    ...(shows.instructions && instructionsText ? { instructionsText } : {}),
    messages: messages.map(({ versions, ...message }): ShownMessage => ({
      ...shownMessage(message, shows),
      ...(shows.versions && versions ? { versions: versions.map((version) => shownMessage(version, shows)) } : {}),
    })),
  };
}
