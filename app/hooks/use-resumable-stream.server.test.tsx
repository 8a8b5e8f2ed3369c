import { renderToString } from 'react-dom/server';
import { expect, test } from 'vitest';
import { useResumableStream, type InitialStream } from './use-resumable-stream.ts';

function Probe({ initial }: { initial?: InitialStream }) {
  const { content, status } = useResumableStream({ initial });
  return <p>{`${status}: ${content}`}</p>;
}

test('renders its initial stream on a server, without a window', () => {
  const message = {
    id: 'm1',
    role: 'assistant' as const,
    parts: [{ type: 'text', text: 'Hello', state: 'streaming' }],
  };
  const initial: InitialStream = { streamId: 's1', lastEventId: '1abc-10', message, status: 'active' };
  expect(renderToString(<Probe initial={initial} />)).toBe('<p>active: Hello</p>');
  expect(renderToString(<Probe />)).toBe('<p>idle: </p>');
});
