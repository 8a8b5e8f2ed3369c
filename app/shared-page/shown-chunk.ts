import type { SharedPage } from '../../shared/chat/shares.ts';
import type { Chunk } from '../../shared/stream/fold.ts';

type Shows = Pick<SharedPage, 'reasoning' | 'tools'>;

/**
 * A chunk of a running answer with only the fields that a public page may show; `null` if the page hides the chunk. Types and
 * fields are listed, so that nothing new is shown by accident. Chunks of tools keep all fields except `providerMetadata`.
 */
export function shownChunk(chunk: Chunk, shows: Shows): Chunk | null {
  const { type } = chunk;
  switch (type) {
    case 'start':
      return { type, messageId: chunk.messageId };
    case 'text-start':
    case 'text-end':
      return { type, id: chunk.id };
    case 'text-delta':
      return { type, id: chunk.id, delta: chunk.delta };
    case 'source-url':
      return { type, sourceId: chunk.sourceId, url: chunk.url, title: chunk.title };
    case 'start-step':
    case 'finish-step':
    case 'finish':
    case 'abort':
    case 'error':
      return { type };
    case 'data-end':
      return { type, data: chunk.data, transient: true };
    case 'reasoning-start':
    case 'reasoning-end':
      return shows.reasoning ? { type, id: chunk.id } : null;
    case 'reasoning-delta':
      return shows.reasoning ? { type, id: chunk.id, delta: chunk.delta } : null;
    default:
      return type.startsWith('tool-') && shows.tools ? withoutProviderData(chunk) : null;
  }
}

const withoutProviderData = ({ providerMetadata: _provider, ...chunk }: Chunk): Chunk => chunk;
