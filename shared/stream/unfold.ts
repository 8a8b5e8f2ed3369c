import { describeTool, type Chunk, type OpenPart } from './fold.ts';
import type { Message, MessagePart } from '../chat/messages.ts';

/**
 * The inverse of a fold: returns chunks that build `message`. A log begins with such chunks if the log was lost and is written
 * again (PROTOCOL.md 10.3), or if the answer continues an earlier, unfinished answer. Parts in `open` keep their id and stay
 * open. If `inStep` is true, the last step stays open, too. All other parts and steps are ended.
 */
export function unfold(
  message: Message,
  { open = [], inStep = false }: { open?: readonly OpenPart[]; inStep?: boolean } = {},
): Chunk[] {
  const metadata = message.metadata === undefined ? {} : { messageMetadata: message.metadata };
  const chunks: Chunk[] = [{ type: 'start', messageId: message.id, ...metadata }];
  let stepIsOpen = false;
  message.parts.forEach((part, index) => {
    const isOpen = open.find((candidate) => candidate.part === part);
    const id = isOpen?.id ?? `p${index}`;
    switch (part.type) {
      case 'step-start':
        if (stepIsOpen) chunks.push({ type: 'finish-step' });
        stepIsOpen = true;
        chunks.push({ type: 'start-step' });
        return;
      case 'text':
      case 'reasoning':
        chunks.push(
          { type: `${part.type}-start`, id, ...metadataOf(part.providerMetadata) },
          { type: `${part.type}-delta`, id, delta: part.text ?? '' },
        );
        if (!isOpen) chunks.push({ type: `${part.type}-end`, id });
        return;
      case 'source-url':
      case 'source-document':
      case 'file':
      case 'reasoning-file':
      case 'custom':
        chunks.push({ ...part });
        return;
      default:
        if (part.type.startsWith('data-')) chunks.push({ ...part });
        else if (part.type === 'dynamic-tool' || part.type.startsWith('tool-'))
          chunks.push(...unfoldTool(part, isOpen !== undefined));
    }
  });
  if (stepIsOpen && !inStep) chunks.push({ type: 'finish-step' });
  return chunks;
}

const metadataOf = (providerMetadata: unknown) => (providerMetadata == null ? {} : { providerMetadata });

function unfoldTool(part: MessagePart, isOpen: boolean): Chunk[] {
  const dynamic = part.type === 'dynamic-tool';
  const head = {
    toolCallId: part.toolCallId,
    toolName: dynamic ? part.toolName : part.type.slice('tool-'.length),
    ...(dynamic ? { dynamic } : {}),
    ...metadataOf(part.callProviderMetadata),
  };
  describeTool(head, part);
  if (part.state === 'input-streaming') {
    // The input is incomplete. If the model call that wrote the input no longer runs, the tool call is left out, because nobody
    // would complete its input.
    return isOpen
      ? [
          { type: 'tool-input-start', ...head },
          { type: 'tool-input-delta', toolCallId: part.toolCallId, inputTextDelta: part.inputText ?? '' },
        ]
      : [];
  }
  const chunks: Chunk[] = [{ type: 'tool-input-available', ...head, input: part.input }];
  if (part.state === 'output-available')
    chunks.push({
      type: 'tool-output-available',
      toolCallId: part.toolCallId,
      output: part.output,
      ...(part.preliminary === true ? { preliminary: true } : {}),
    });
  if (part.state === 'output-error')
    chunks.push({ type: 'tool-output-error', toolCallId: part.toolCallId, errorText: part.errorText });
  return chunks;
}
