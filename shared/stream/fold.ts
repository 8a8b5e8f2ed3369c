import { messageText } from '../chat/message-text.ts';
import type { Message, MessagePart } from '../chat/messages.ts';

/** An AI SDK `UIMessageChunk`. Logs keep unknown types and fields unchanged. A fold ignores chunks of unknown types. */
export interface Chunk {
  type: string;
  [field: string]: unknown;
}

/**
 * Folds the chunks of a stream into a message, one chunk at a time. The AI SDK's own reader builds the same message from these
 * chunks. An exception is a tool call whose input is still being written: a fold keeps this input as text in the field `inputText`.
 *
 *     fold.take({ type: 'start', messageId: 'm1' });
 *     fold.take({ type: 'text-start', id: '0' });
 *     fold.take({ type: 'text-delta', id: '0', delta: 'Hi' });
 *     fold.message; // { id: 'm1', role: 'assistant', parts: [{ type: 'text', text: 'Hi', state: 'streaming' }] }
 */
export interface MessageFold {
  /** Applies one chunk. A `start` chunk replaces the message by an empty one. A chunk for an unknown part is ignored. */
  take(chunk: Chunk): void;
  /** The message so far. Later chunks change this object: copy it if you keep it. */
  readonly message: Message;
  /** The text of the message so far: its text parts joined. */
  readonly text: string;
  /** Length of `text` in UTF-16 units. It is known without joining the text parts. */
  readonly textLength: number;
  /**
   * Parts that have begun but not ended, in the order in which they began. If the fold began with a snapshot, a text or reasoning
   * part that was still streaming in the snapshot is missing here until the next chunk for this part.
   */
  readonly open: readonly OpenPart[];
  /** True between `start-step` and `finish-step`. */
  readonly inStep: boolean;
  /** The text of the `error` chunk; `null` if there was none. */
  readonly errorText: string | null;
}

export interface OpenPart {
  kind: 'text' | 'reasoning' | 'tool';
  /** The id by which chunks name this part: `id` for a text or reasoning part, `toolCallId` for a tool call. */
  id: string;
  part: MessagePart;
}

/**
 * Creates a fold that begins with an empty message, or with the snapshot `from`: the message of an earlier fold. A snapshot does
 * not contain the ids with which chunks name text and reasoning parts. Therefore a delta or end chunk with an unknown id is applied
 * to the first part of the same kind that was still streaming in the snapshot.
 */
export function createFold(messageId: string, from?: Message): MessageFold {
  let message: Message = from ?? { id: messageId, role: 'assistant', parts: [] };
  let unclaimed = message.parts.filter((part) => part.state === 'streaming');
  let open = openTools(message);
  let inStep = unclaimed.length > 0 || open.size > 0;
  let errorText: string | null = null;
  let textLength = messageText(message).length;
  /** The text part to which the last delta was added. */
  let current: OpenPart | null = null;

  const begin = (kind: OpenPart['kind'], id: string, part: MessagePart) => {
    current = null;
    message.parts.push(part);
    open.set(`${kind}:${id}`, { kind, id, part });
  };
  const find = (kind: OpenPart['kind'], id: unknown): OpenPart | undefined => {
    const key = `${kind}:${String(id)}`;
    if (unclaimed.length > 0 && !open.has(key)) {
      const part = unclaimed.find((candidate) => candidate.type === kind);
      unclaimed = unclaimed.filter((candidate) => candidate !== part);
      if (part) open.set(key, { kind, id: String(id), part });
    }
    return open.get(key);
  };
  const end = (kind: OpenPart['kind'], id: unknown, chunk?: Chunk) => {
    current = null;
    const found = find(kind, id);
    if (found) found.part.state = 'done';
    if (found && chunk) keepMetadata(found.part, chunk);
    open.delete(`${kind}:${String(id)}`);
  };
  const tool = (chunk: Chunk): MessagePart | undefined =>
    message.parts.findLast((part) => part.toolCallId === chunk.toolCallId);
  const beginTool = (chunk: Chunk, state: string): MessagePart => {
    // Only the current step is searched, because some models use the same tool call ids again in later steps.
    const step = message.parts.slice(message.parts.findLastIndex((part) => part.type === 'step-start') + 1);
    const known = step.find((part) => part.toolCallId === chunk.toolCallId);
    const head = chunk.dynamic
      ? { type: 'dynamic-tool', toolName: chunk.toolName }
      : { type: `tool-${String(chunk.toolName)}` };
    const part: MessagePart = known ?? { ...head, toolCallId: chunk.toolCallId, state };
    if (!known) message.parts.push(part);
    part.state = state;
    describeTool(part, chunk);
    keepMetadata(part, chunk, 'callProviderMetadata');
    return part;
  };

  function take(chunk: Chunk): void {
    switch (chunk.type) {
      case 'text-delta': {
        // Nearly all chunks are deltas of the same part, so the part is looked up only when the id changes.
        if (current?.id !== chunk.id) current = find('text', chunk.id) ?? null;
        if (current === null) return;
        const delta = chunk.delta as string;
        current.part.text = (current.part.text as string) + delta;
        textLength += delta.length;
        if (chunk.providerMetadata !== undefined) keepMetadata(current.part, chunk);
        return;
      }
      case 'reasoning-delta': {
        const found = find('reasoning', chunk.id);
        if (!found) return;
        found.part.text = (found.part.text as string) + String(chunk.delta);
        keepMetadata(found.part, chunk);
        return;
      }
      case 'start':
        message = {
          id: typeof chunk.messageId === 'string' ? chunk.messageId : messageId,
          role: 'assistant',
          parts: [],
        };
        if (chunk.messageMetadata != null) message.metadata = chunk.messageMetadata;
        open = new Map();
        current = null;
        unclaimed = [];
        inStep = false;
        errorText = null;
        textLength = 0;
        return;
      case 'start-step':
        inStep = true;
        message.parts.push({ type: 'step-start' });
        return;
      case 'finish-step':
        inStep = false;
        for (const { kind, id } of [...open.values()]) if (kind !== 'tool') end(kind, id);
        for (const part of unclaimed) part.state = 'done';
        unclaimed = [];
        return;
      case 'text-start':
      case 'reasoning-start': {
        const kind = chunk.type === 'text-start' ? 'text' : 'reasoning';
        const part: MessagePart = { type: kind, text: '', state: 'streaming' };
        keepMetadata(part, chunk);
        return begin(kind, String(chunk.id), part);
      }
      case 'text-end':
        return end('text', chunk.id, chunk);
      case 'reasoning-end':
        return end('reasoning', chunk.id, chunk);
      case 'tool-input-start': {
        const part = beginTool(chunk, 'input-streaming');
        part.inputText = '';
        open.set(`tool:${String(chunk.toolCallId)}`, { kind: 'tool', id: String(chunk.toolCallId), part });
        return;
      }
      case 'tool-input-delta': {
        const found = find('tool', chunk.toolCallId);
        if (found) found.part.inputText = String(found.part.inputText ?? '') + String(chunk.inputTextDelta);
        return;
      }
      case 'tool-input-available':
      case 'tool-input-error': {
        const failed = chunk.type === 'tool-input-error';
        const part = beginTool(chunk, failed ? 'output-error' : 'input-available');
        part.input = chunk.input;
        if (failed) part.errorText = chunk.errorText;
        delete part.inputText;
        if (failed) open.delete(`tool:${String(chunk.toolCallId)}`);
        else open.set(`tool:${String(chunk.toolCallId)}`, { kind: 'tool', id: String(chunk.toolCallId), part });
        return;
      }
      case 'tool-output-available':
      case 'tool-output-error': {
        const part = tool(chunk);
        if (!part) return;
        describeTool(part, chunk);
        if (chunk.type === 'tool-output-error') {
          part.state = 'output-error';
          part.errorText = chunk.errorText;
          delete part.output;
        } else {
          part.state = 'output-available';
          part.output = chunk.output;
        }
        if (chunk.preliminary === true) part.preliminary = true;
        else {
          delete part.preliminary;
          open.delete(`tool:${String(chunk.toolCallId)}`);
        }
        return;
      }
      case 'source-url':
      case 'source-document':
      case 'file':
      case 'reasoning-file':
      case 'custom':
        message.parts.push({ ...chunk });
        return;
      case 'message-metadata':
      case 'finish':
        if (chunk.messageMetadata != null) message.metadata = merge(message.metadata, chunk.messageMetadata);
        return;
      case 'error':
        errorText = String(chunk.errorText);
        return;
      default:
        if (chunk.type.startsWith('data-') && chunk.transient !== true) takeData(chunk);
    }
  }

  function takeData(chunk: Chunk): void {
    const known =
      chunk.id === undefined ? undefined : message.parts.find((p) => p.type === chunk.type && p.id === chunk.id);
    if (known) known.data = chunk.data;
    else
      message.parts.push({ type: chunk.type, ...(chunk.id === undefined ? {} : { id: chunk.id }), data: chunk.data });
  }

  return {
    take,
    get message() {
      return message;
    },
    get text() {
      return messageText(message);
    },
    get textLength() {
      return textLength;
    },
    get open() {
      return [...open.values()];
    },
    get inStep() {
      return inStep;
    },
    get errorText() {
      return errorText;
    },
  };
}

/** The tool calls in a snapshot that have no result yet. */
function openTools(message: Message): Map<string, OpenPart> {
  const tools = message.parts.filter((part) => part.state === 'input-streaming' || part.state === 'input-available');
  return new Map(
    tools.map((part) => [`tool:${String(part.toolCallId)}`, { kind: 'tool', id: String(part.toolCallId), part }]),
  );
}

/**
 * Copies data of the provider, such as a signature, to the part. Later requests send these data back to the provider. Newer data
 * replace older data.
 */
function keepMetadata(part: MessagePart, { providerMetadata }: Chunk, field = 'providerMetadata'): void {
  if (providerMetadata != null) part[field] = providerMetadata;
}

const TOOL_FIELDS = ['title', 'providerExecuted', 'toolMetadata'] as const;

/** Copies the fields in `TOOL_FIELDS` from a chunk to a part, or back. */
export function describeTool(to: Record<string, unknown>, from: Record<string, unknown>): void {
  for (const field of TOOL_FIELDS) if (from[field] !== undefined) to[field] = from[field];
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Merges records deeply and replaces everything else. */
function merge(old: unknown, next: unknown): unknown {
  if (!isRecord(old) || !isRecord(next)) return next;
  return {
    ...old,
    ...Object.fromEntries(Object.entries(next).map(([name, value]) => [name, merge(old[name], value)])),
  };
}
