import { convertToModelMessages, type ModelMessage, type ToolSet, type UIMessage } from 'ai';
import type { Message, MessagePart } from '../../shared/chat/messages.ts';
import type { ModelRequest } from './model.ts';

/**
 * Converts a request to the messages for a provider. A partial answer comes last, as an assistant message that the model
 * continues. White space at the end of the partial answer is removed, because some servers refuse a request that ends with white
 * space, and others begin the answer again. Reasoning, tool calls without a result, and parts that a model cannot read are left
 * out. Gemini attaches signatures of its thoughts to texts and tool calls. A signature is sent back only to the provider that
 * gave it.
 *
 * @param metadataKey the name under which this provider's signatures are stored
 */
export function toPrompt(
  { messages, partial }: Pick<ModelRequest, 'messages' | 'partial'>,
  tools: ToolSet,
  { metadataKey = '' }: { metadataKey?: string } = {},
): Promise<ModelMessage[]> {
  const readable = [...messages, ...(partial ? [trimmedAtEnd(partial)] : [])]
    .filter((message) => message.role !== 'system')
    .map((message) => ({
      role: message.role,
      parts: message.role === 'user' ? words(message) : answer(message, metadataKey),
    }))
    .filter((message) => message.parts.length > 0);
  // Our type of a part is looser than the SDK's. `words` and `answer` pass on only parts that the SDK's type allows.
  return convertToModelMessages(alternating(readable) as unknown as UIMessage[], { tools });
}

/** Removes the white space after the last word, even if it is spread over several texts. Nothing before a finished tool call changes. */
function trimmedAtEnd(message: Message): Message {
  const parts = [...message.parts];
  for (let text = ''; text === '';) {
    const last = parts.findLastIndex((part) => isText(part) || isFinishedTool(part));
    const part = parts[last];
    if (part === undefined || !isText(part)) break;
    text = String(part.text).trimEnd();
    parts[last] = { ...part, text };
  }
  return { ...message, parts };
}

/** True if the last message ends with text that the provider should continue. */
export const endsWithPartial = (prompt: ModelMessage[]): boolean => prompt.at(-1)?.role === 'assistant';

interface Turn {
  role: Message['role'];
  parts: MessagePart[];
}

/**
 * Joins consecutive questions, because many chat templates refuse two questions in a row. Consecutive questions occur, for
 * example, if an answer failed before its first token.
 */
function alternating(turns: Turn[]): Turn[] {
  const merged: Turn[] = [];
  for (const { role, parts } of turns) {
    const last = merged.at(-1);
    if (last?.role === 'user' && role === 'user') last.parts = [...last.parts, ...parts];
    else merged.push({ role, parts });
  }
  return merged;
}

const words = ({ parts }: Message): MessagePart[] => parts.filter(isText).map(({ type, text }) => ({ type, text }));

/**
 * Returns texts and finished tool calls, divided into steps. A new step begins only after a tool call. Text after a tool call
 * always begins a new step, because the SDK places the text of a step before the tool results of that step. The steps that the
 * message already has cannot be used unchanged: in a recovered answer, a tool call and the text after that call may be in one
 * step, and one text may be divided into two steps.
 */
function answer({ parts }: Message, metadataKey: string): MessagePart[] {
  const kept: MessagePart[] = [];
  let newStep = false;
  for (const part of parts) {
    if (part.type === 'step-start') newStep = true;
    const signature = signatureOf(part, metadataKey);
    // An empty text with a signature is kept, because the place of the signature matters.
    const isKeptText = isText(part) || (part.type === 'text' && signature !== undefined);
    if (!isKeptText && !isFinishedTool(part)) continue;
    const afterTool = kept.length > 0 && isFinishedTool(kept.at(-1)!);
    if (afterTool && (newStep || isKeptText)) kept.push({ type: 'step-start' });
    kept.push(bare(part, signature === undefined ? undefined : { [metadataKey]: { thoughtSignature: signature } }));
    newStep = false;
  }
  return kept;
}

/** True for a text part that is not empty. */
export const isText = (part: MessagePart): boolean =>
  part.type === 'text' && typeof part.text === 'string' && part.text !== '';

/** Replaces the metadata of a part with `metadata`. The replaced metadata may come from another provider or from a client. */
function bare(part: MessagePart, metadata: object | undefined): MessagePart {
  if (part.type === 'text')
    return { type: part.type, text: part.text, ...(metadata ? { providerMetadata: metadata } : {}) };
  const { callProviderMetadata: _call, resultProviderMetadata: _result, ...tool } = part;
  return metadata ? { ...tool, callProviderMetadata: metadata } : (tool as MessagePart);
}

/** Much longer than any signature from Gemini. */
const MAX_SIGNATURE_CHARS = 256 * 1024;

function signatureOf(part: MessagePart, metadataKey: string): string | undefined {
  const metadata: unknown = part.type === 'text' ? part.providerMetadata : part.callProviderMetadata;
  const own = (value: unknown, name: string): unknown =>
    typeof value === 'object' && value !== null && Object.hasOwn(value, name)
      ? (value as Record<string, unknown>)[name]
      : undefined;
  const signature = own(own(metadata, metadataKey), 'thoughtSignature');
  return typeof signature === 'string' && signature.length <= MAX_SIGNATURE_CHARS ? signature : undefined;
}

/** True for a tool call that has everything that a provider requires. The history that a client sends may contain anything. */
const isFinishedTool = (part: MessagePart): boolean =>
  TOOL_NAME.test(toolName(part)) &&
  typeof part.toolCallId === 'string' &&
  typeof part.input === 'object' &&
  part.input !== null &&
  (part.state === 'output-error'
    ? typeof part.errorText === 'string'
    : part.state === 'output-available' && part.output !== undefined && part.preliminary !== true);

const TOOL_NAME = /^[\w-]{1,64}$/;

function toolName({ type, toolName: name }: MessagePart): string {
  if (type === 'dynamic-tool') return typeof name === 'string' ? name : '';
  return type.startsWith('tool-') ? type.slice('tool-'.length) : '';
}
