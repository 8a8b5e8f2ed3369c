import { convertToModelMessages, type ModelMessage, type ToolSet, type UIMessage } from 'ai';
import type { Message, MessagePart } from '../../shared/messages.ts';
import type { ModelRequest } from './model.ts';

/**
 * A request as the messages that a provider is sent. A partial answer comes last, as a message of the assistant that
 * the provider goes on with; white space at its end is left out, because servers refuse it or begin anew after it.
 * Left out are reasoning (providers refuse or ignore that of others), tool calls without a result, and whatever else a
 * model cannot read. Signatures that this provider gave are sent back to it.
 *
 * @param metadataKey the name under which the provider's signatures are kept
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
  // The parts are kept loose in our contract; `words` and `answer` let through only what the SDK's type describes.
  return convertToModelMessages(alternating(readable) as unknown as UIMessage[], { tools });
}

/** Without the white space after its last word. */
function trimmedAtEnd(message: Message): Message {
  const parts = [...message.parts];
  const last = parts.findLastIndex((part) => isText(part) || isFinishedTool(part));
  const part = parts[last];
  if (part === undefined || !isText(part)) return message;
  parts[last] = { ...part, text: String(part.text).trimEnd() };
  return { ...message, parts };
}

/** True if the messages end with text that the provider is to go on with. */
export const endsWithPartial = (prompt: ModelMessage[]): boolean => prompt.at(-1)?.role === 'assistant';

interface Turn {
  role: Message['role'];
  parts: MessagePart[];
}

/** Many chat templates refuse two questions in a row, as there are where an answer failed before its first word. */
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
 * Text and finished tool calls. Steps begin anew only after a tool's result, where text that was written knowing the
 * result must not be put before it: a recovered answer may have both in one step, or text of one step in two.
 */
function answer({ parts }: Message, metadataKey: string): MessagePart[] {
  const kept: MessagePart[] = [];
  let newStep = false;
  for (const part of parts) {
    if (part.type === 'step-start') newStep = true;
    const signature = signatureOf(part, metadataKey);
    // An empty text may hold a signature, which counts where it stands.
    const isKeptText = isText(part) || (part.type === 'text' && signature !== undefined);
    if (!isKeptText && !isFinishedTool(part)) continue;
    const afterTool = kept.length > 0 && isFinishedTool(kept.at(-1)!);
    if (afterTool && (newStep || isKeptText)) kept.push({ type: 'step-start' });
    kept.push(bare(part, signature === undefined ? undefined : { [metadataKey]: { thoughtSignature: signature } }));
    newStep = false;
  }
  return kept;
}

const isText = (part: MessagePart): boolean =>
  part.type === 'text' && typeof part.text === 'string' && part.text !== '';

/** Without what another provider, or a client, said about it. */
function bare(part: MessagePart, metadata: object | undefined): MessagePart {
  if (part.type === 'text')
    return { type: part.type, text: part.text, ...(metadata ? { providerMetadata: metadata } : {}) };
  const { callProviderMetadata: _call, resultProviderMetadata: _result, ...tool } = part;
  return metadata ? { ...tool, callProviderMetadata: metadata } : (tool as MessagePart);
}

/** Far longer than any that Gemini sends. */
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

/** A call that has all that a provider asks for; a history that a client sent may hold anything. */
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
