import { useState } from 'react';
import { useResumableStream } from '~/hooks/use-resumable-stream.ts';
import { newId } from '~/ui/new-id.ts';

/** `/plain`: the simplest use of the endpoints and of the hook, for a developer to copy. */
export default function PlainPage() {
  return (
    <main className="column grid gap-8 py-8">
      <h1 className="text-2xl font-semibold">The plainest use</h1>
      <PlainFetch />
      <BareHook />
    </main>
  );
}

/** `?model=` and `?question=` change the model and the question. */
const question = () => {
  const asked = new URLSearchParams(location.search);
  return {
    chatId: newId(),
    messageId: newId(),
    modelId: asked.get('model') ?? 'demo',
    messages: [{ role: 'user' as const, content: asked.get('question') ?? 'Hello' }],
  };
};

function PlainFetch() {
  const [text, setText] = useState('');
  const [status, setStatus] = useState('idle');

  async function run() {
    setText('');
    setStatus('active');
    const started = await fetch('/api/stream/start', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(question()),
    });
    const { streamId } = (await started.json()) as { streamId: string };
    const response = await fetch(`/api/stream/resume/${streamId}`);
    const reader = response.body!.getReader();
    const decoder = new TextDecoder();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      // A chunk may end in the middle of a character. With `stream` the decoder keeps the bytes of this character for the next call.
      const chunk = decoder.decode(value, { stream: true });
      setText((before) => before + chunk);
    }
    setStatus('completed');
  }

  return (
    <section aria-labelledby="plain-fetch">
      <h2 id="plain-fetch" className="text-lg font-semibold">
        fetch
      </h2>
      <button type="button" className="button" onClick={() => void run()}>
        Ask with fetch
      </button>
      <p>
        Status: <output data-testid="fetch-status">{status}</output>
      </p>
      <pre data-testid="fetch-text" className="whitespace-pre-wrap" tabIndex={0}>
        {text}
      </pre>
    </section>
  );
}

function BareHook() {
  const [seen, setSeen] = useState({ deltas: '', completed: 0, errors: [] as string[] });
  const { streamId, content, status, error, startStream, cancelStream } = useResumableStream({
    onContent: (_content, { delta }) => setSeen((before) => ({ ...before, deltas: before.deltas + delta })),
    onComplete: () => setSeen((before) => ({ ...before, completed: before.completed + 1 })),
    onError: ({ message }) => setSeen((before) => ({ ...before, errors: [...before.errors, message] })),
  });
  return (
    <section aria-labelledby="bare-hook">
      <h2 id="bare-hook" className="text-lg font-semibold">
        The hook
      </h2>
      <button type="button" className="button" onClick={() => void startStream(question())}>
        Ask with the hook
      </button>{' '}
      <button type="button" className="button" onClick={() => void cancelStream()}>
        Stop
      </button>
      <p>
        Status: <output data-testid="hook-status">{status}</output>, stream{' '}
        <output data-testid="hook-stream">{streamId ?? 'none'}</output>, completed{' '}
        <output data-testid="hook-completed">{seen.completed}</output>
      </p>
      <p role="alert">{error?.message ?? seen.errors.at(-1)}</p>
      <pre data-testid="hook-text" className="whitespace-pre-wrap" tabIndex={0}>
        {content}
      </pre>
      <pre data-testid="hook-deltas" hidden>
        {seen.deltas}
      </pre>
    </section>
  );
}
