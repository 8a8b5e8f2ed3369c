import {
  createUIMessageStream,
  isStepCount,
  readUIMessageStream,
  simulateReadableStream,
  streamText,
  tool,
  toUIMessageStream,
  type UIMessage,
  type UIMessageChunk,
} from 'ai';
import { MockLanguageModelV4 } from 'ai/test';
import { describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { createFold, type Chunk, type MessageFold } from './fold.ts';
import type { Message, MessagePart } from '../chat/messages.ts';
import { unfold } from './unfold.ts';

// Silences a warning of the AI SDK that matters only if a folded message is sent to a model.
vi.stubGlobal('AI_SDK_LOG_WARNINGS', false);

const folded = (chunks: readonly Chunk[], from?: Message): MessageFold => {
  const fold = createFold('m1', from);
  for (const chunk of chunks) fold.take(structuredClone(chunk));
  return fold;
};

/** The message that the AI SDK builds from `chunks`. */
async function readByTheSdk(chunks: readonly Chunk[]): Promise<UIMessage> {
  const stream = new ReadableStream<UIMessageChunk>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(structuredClone(chunk) as UIMessageChunk);
      // The AI SDK publishes its message only after certain chunks. This is one of them.
      controller.enqueue({ type: 'data-shown', data: null });
      controller.close();
    },
  });
  let last: UIMessage | undefined;
  const message: UIMessage = { id: 'm1', role: 'assistant', parts: [] };
  for await (const snapshot of readUIMessageStream({ message, stream, onError: () => {} })) last = snapshot;
  return { ...last!, parts: last!.parts.slice(0, -1) };
}

/** Fields that are not compared with the message of the AI SDK. The ids of reasoning parts are not compared either. */
const DROPPED = new Set(['providerMetadata', 'callProviderMetadata', 'resultProviderMetadata']);

const comparable = (parts: readonly object[]): object[] =>
  parts.map((part) =>
    Object.fromEntries(
      Object.entries(part).filter(
        ([name, value]) =>
          value !== undefined && !DROPPED.has(name) && !('type' in part && part.type === 'reasoning' && name === 'id'),
      ),
    ),
  );

async function expectSameAsSdk(chunks: readonly Chunk[]): Promise<void> {
  const [ours, theirs] = [folded(chunks).message, await readByTheSdk(chunks)];
  expect(comparable(ours.parts)).toEqual(comparable(theirs.parts));
  expect(ours.metadata).toEqual(theirs.metadata);
  expect(ours.id).toBe(theirs.id);
}

async function collect(stream: ReadableStream<UIMessageChunk>): Promise<Chunk[]> {
  const chunks: Chunk[] = [];
  const reader = stream.getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read())
    chunks.push(JSON.parse(JSON.stringify(read.value)) as Chunk);
  return chunks;
}

const USAGE = {
  inputTokens: { total: 3, noCache: 3, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 10, text: 10, reasoning: undefined },
};
const finish = (unified: 'stop' | 'tool-calls') =>
  ({ type: 'finish', finishReason: { unified, raw: unified }, usage: USAGE }) as const;

type ModelParts = Parameters<typeof simulateReadableStream<ModelPart>>[0]['chunks'];
type ModelPart =
  Awaited<ReturnType<MockLanguageModelV4['doStream']>>['stream'] extends ReadableStream<infer Part> ? Part : never;

/** The chunks that the AI SDK streams for an answer of several steps. */
function recorded(steps: ModelParts[]): Promise<Chunk[]> {
  let step = 0;
  const model = new MockLanguageModelV4({
    doStream: async () => ({
      stream: simulateReadableStream({ chunks: steps[step++]!, initialDelayInMs: null, chunkDelayInMs: null }),
    }),
  });
  const weather = tool({
    inputSchema: z.object({ city: z.string() }),
    async *execute({ city }) {
      if (city === 'Nowhere') throw new Error('There is no such place.');
      yield { city, status: 'asking' };
      yield { city, celsius: 21 };
    },
  });
  const result = streamText({
    model,
    prompt: 'Hi',
    tools: { weather },
    stopWhen: isStepCount(5),
    onError: () => {},
  });
  return collect(
    toUIMessageStream({
      stream: result.stream,
      sendSources: true,
      onError: (error) => (error instanceof Error ? error.message : 'error'),
      messageMetadata: ({ part }) =>
        part.type === 'start'
          ? { usage: { started: true } }
          : part.type === 'finish'
            ? { usage: { tokens: 10 } }
            : undefined,
    }) as ReadableStream<UIMessageChunk>,
  );
}

const text = (id: string, ...deltas: string[]): ModelParts => [
  { type: 'text-start', id },
  ...deltas.map((delta) => ({ type: 'text-delta' as const, id, delta })),
  { type: 'text-end', id },
];
const call = (toolCallId: string, city: string): ModelParts => {
  const input = JSON.stringify({ city });
  return [
    { type: 'tool-input-start', id: toolCallId, toolName: 'weather' },
    { type: 'tool-input-delta', id: toolCallId, delta: input.slice(0, 5) },
    { type: 'tool-input-delta', id: toolCallId, delta: input.slice(5) },
    { type: 'tool-input-end', id: toolCallId },
    { type: 'tool-call', toolCallId, toolName: 'weather', input },
  ];
};

describe('a fold gives the same message as the AI SDK’s own reader', () => {
  test('for text', async () => {
    await expectSameAsSdk(await recorded([[...text('0', 'Hello', ', ', '日本 🎉'), finish('stop')]]));
  });

  test('for reasoning and sources', async () => {
    const chunks = await recorded([
      [
        { type: 'reasoning-start', id: 'r', providerMetadata: { google: { thought: true } } },
        { type: 'reasoning-delta', id: 'r', delta: 'Let me ' },
        { type: 'reasoning-delta', id: 'r', delta: 'think.' },
        { type: 'reasoning-end', id: 'r', providerMetadata: { google: { signature: 'abc' } } },
        { type: 'source', sourceType: 'url', id: 's1', url: 'https://example.org', title: 'Example' },
        {
          type: 'source',
          sourceType: 'document',
          id: 's2',
          mediaType: 'application/pdf',
          title: 'A paper',
          filename: 'paper.pdf',
        },
        ...text('0', 'See there.'),
        finish('stop'),
      ],
    ]);
    expect(chunks.map(({ type }) => type)).toEqual(expect.arrayContaining(['source-url', 'source-document']));
    await expectSameAsSdk(chunks);
  });

  test('for tools over several steps, with preliminary results', async () => {
    const chunks = await recorded([
      [...text('0', 'I will look.'), ...call('c1', 'Bern'), ...call('c2', 'Rome'), finish('tool-calls')],
      [...call('c3', 'Oslo'), finish('tool-calls')],
      [...text('0', 'It is 21 °C everywhere.'), finish('stop')],
    ]);
    expect(chunks.some(({ preliminary }) => preliminary === true)).toBe(true);
    await expectSameAsSdk(chunks);
    for (let length = 1; length < chunks.length; length++) {
      if (chunks[length - 1]!.type !== 'tool-input-start' && chunks[length - 1]!.type !== 'tool-input-delta')
        await expectSameAsSdk(chunks.slice(0, length).filter(isOfNoOpenInput(chunks.slice(0, length))));
    }
  });

  test('for tools that fail, invalid calls, and unknown tools', async () => {
    const invalid = '{"city":';
    await expectSameAsSdk(
      await recorded([
        [...call('c1', 'Nowhere'), finish('tool-calls')],
        [{ type: 'tool-call', toolCallId: 'c2', toolName: 'weather', input: invalid }, finish('tool-calls')],
        [{ type: 'tool-call', toolCallId: 'c3', toolName: 'no-such-tool', input: '{}' }, finish('tool-calls')],
        [...text('0', 'I give up.'), finish('stop')],
      ]),
    );
  });

  test('for tools that the provider executes', async () => {
    await expectSameAsSdk([
      { type: 'start', messageId: 'm1' },
      { type: 'start-step' },
      { type: 'tool-input-start', toolCallId: 'c1', toolName: 'search', providerExecuted: true, title: 'Search' },
      {
        type: 'tool-input-available',
        toolCallId: 'c1',
        toolName: 'search',
        input: { q: 'x' },
        providerExecuted: true,
        title: 'Search',
      },
      { type: 'tool-output-available', toolCallId: 'c1', output: [1], providerExecuted: true },
      {
        type: 'tool-input-available',
        toolCallId: 'c2',
        toolName: 'mcp',
        input: {},
        dynamic: true,
        providerExecuted: true,
      },
      { type: 'tool-output-error', toolCallId: 'c2', errorText: 'no', providerExecuted: true },
      { type: 'finish-step' },
      { type: 'finish' },
    ]);
  });

  test('if a later step reuses the id of a tool call', async () => {
    await expectSameAsSdk(
      await recorded([
        [...call('call_0', 'Bern'), finish('tool-calls')],
        [...call('call_0', 'Rome'), finish('tool-calls')],
        [...text('0', 'Done.'), finish('stop')],
      ]),
    );
  });

  test('if a later step reuses the id of a text part', async () => {
    await expectSameAsSdk(
      await recorded([
        [...text('0', 'One.'), ...call('c1', 'Bern'), finish('tool-calls')],
        [...text('0', 'Two.'), ...text('0', 'Three.'), finish('stop')],
      ]),
    );
  });

  test('for data parts that are updated by id, and for transient ones', async () => {
    const stream = createUIMessageStream({
      execute({ writer }) {
        writer.write({ type: 'start', messageId: 'm1', messageMetadata: { a: { b: 1 } } });
        writer.write({ type: 'data-progress', id: 'p', data: { percent: 1 } });
        writer.write({ type: 'data-note', data: 'first' });
        writer.write({ type: 'data-progress', id: 'p', data: { percent: 99 } });
        writer.write({ type: 'data-note', data: 'second' });
        writer.write({ type: 'data-progress', id: 'q', data: null });
        writer.write({ type: 'data-end', data: {}, transient: true });
        writer.write({ type: 'message-metadata', messageMetadata: { a: { c: 2 }, list: [1] } });
        writer.write({ type: 'finish', messageMetadata: { list: [2] } });
      },
    });
    await expectSameAsSdk(await collect(stream));
  });

  test('for two text parts that are open at the same time', async () => {
    await expectSameAsSdk([
      { type: 'start', messageId: 'm1' },
      { type: 'text-start', id: 'a' },
      { type: 'text-start', id: 'b' },
      { type: 'text-delta', id: 'a', delta: 'A' },
      { type: 'text-delta', id: 'b', delta: 'B' },
      { type: 'text-delta', id: 'a', delta: 'a' },
      { type: 'text-end', id: 'a' },
      { type: 'text-delta', id: 'b', delta: 'b' },
    ]);
  });

  test('for an answer that breaks off, and one that was stopped', async () => {
    const chunks = await recorded([[...text('0', 'One ', 'two '), ...call('c1', 'Bern'), finish('tool-calls')], []]);
    for (const end of [[{ type: 'error', errorText: 'It broke.' }], [{ type: 'abort', reason: 'cancelled' }]])
      await expectSameAsSdk([...chunks.slice(0, 4), ...end]);
  });
});

/** A filter that drops the input chunks of tool calls with an incomplete input. The AI SDK stores incomplete input differently. */
function isOfNoOpenInput(chunks: readonly Chunk[]): (chunk: Chunk) => boolean {
  const whole = new Set(chunks.filter(({ type }) => type === 'tool-input-available').map((chunk) => chunk.toolCallId));
  return ({ type, toolCallId }) => !type.startsWith('tool-input-') || whole.has(toolCallId);
}

/** An answer with many kinds of parts. */
const EVERYTHING = recorded([
  [
    { type: 'reasoning-start', id: 'r' },
    { type: 'reasoning-delta', id: 'r', delta: 'Let me ' },
    { type: 'reasoning-delta', id: 'r', delta: 'think 🎉' },
    { type: 'reasoning-end', id: 'r' },
    ...text('0', 'I will ', 'look.'),
    ...call('c1', 'Bern'),
    ...call('c2', 'Nowhere'),
    finish('tool-calls'),
  ],
  [{ type: 'tool-call', toolCallId: 'c3', toolName: 'weather', input: '{"city":' }, finish('tool-calls')],
  [
    { type: 'reasoning-start', id: 'r' },
    { type: 'reasoning-delta', id: 'r', delta: 'Again.' },
    { type: 'reasoning-end', id: 'r' },
    { type: 'source', sourceType: 'url', id: 's1', url: 'https://example.org', title: 'Example' },
    ...text('0', 'It is ', '21 ', '°C.'),
    finish('stop'),
  ],
]).then((chunks) => [
  ...chunks.slice(0, -1),
  { type: 'data-progress', id: 'p', data: { percent: 1 } },
  { type: 'data-progress', id: 'p', data: { percent: 99 } },
  { type: 'data-note', data: 'no id' },
  { type: 'reasoning-file', url: 'data:,x', mediaType: 'text/plain' },
  { type: 'start-step' },
  {
    type: 'tool-input-start',
    toolCallId: 'c4',
    toolName: 'mcp',
    dynamic: true,
    title: 'A tool',
    providerExecuted: true,
  },
  { type: 'tool-input-delta', toolCallId: 'c4', inputTextDelta: '{"a"' },
  { type: 'tool-input-delta', toolCallId: 'c4', inputTextDelta: ':1}' },
  { type: 'tool-input-available', toolCallId: 'c4', toolName: 'mcp', dynamic: true, input: { a: 1 } },
  { type: 'tool-output-available', toolCallId: 'c4', output: 1, preliminary: true },
  { type: 'tool-output-available', toolCallId: 'c4', output: 2 },
  { type: 'tool-input-start', toolCallId: 'c5', toolName: 'weather' },
  { type: 'tool-input-error', toolCallId: 'c5', toolName: 'weather', input: null, errorText: 'Stopped.' },
  { type: 'text-start', id: '1' },
  { type: 'text-delta', id: '1', delta: 'Open' },
  { type: 'text-delta', id: '1', delta: ' end' },
  ...chunks.slice(-1),
]);

const openIn = (fold: MessageFold) => fold.open.map(({ kind, id }) => `${kind}:${id}`);

describe('a fold', () => {
  test('lists the open parts in the order in which they began', () => {
    const fold = folded([
      { type: 'start', messageId: 'm1' },
      { type: 'start-step' },
      { type: 'reasoning-start', id: 'r' },
      { type: 'text-start', id: 'a' },
      { type: 'tool-input-start', toolCallId: 'c', toolName: 't' },
      { type: 'text-start', id: 'b' },
      { type: 'text-end', id: 'a' },
    ]);
    expect(openIn(fold)).toEqual(['reasoning:r', 'tool:c', 'text:b']);
    expect(fold.open[2]!.part).toBe(fold.message.parts.at(-1));
    expect(fold.inStep).toBe(true);
  });

  test('keeps a tool call open until its final result', () => {
    const fold = folded([{ type: 'tool-input-available', toolCallId: 'c', toolName: 't', input: {} }]);
    expect(openIn(fold)).toEqual(['tool:c']);
    fold.take({ type: 'tool-output-available', toolCallId: 'c', output: 1, preliminary: true });
    expect(openIn(fold)).toEqual(['tool:c']);
    fold.take({ type: 'tool-output-available', toolCallId: 'c', output: 2 });
    expect(openIn(fold)).toEqual([]);
  });

  test('ends text and reasoning with their step', () => {
    const fold = folded([
      { type: 'start-step' },
      { type: 'text-start', id: 'a' },
      { type: 'reasoning-start', id: 'r' },
      { type: 'tool-input-available', toolCallId: 'c', toolName: 't', input: {} },
      { type: 'finish-step' },
    ]);
    expect(openIn(fold)).toEqual(['tool:c']);
    expect(fold.inStep).toBe(false);
    expect(fold.message.parts.map(({ state }) => state)).toEqual([undefined, 'done', 'done', 'input-available']);
  });

  test('begins the message again at each start chunk', () => {
    const fold = folded([
      { type: 'start', messageId: 'm1', messageMetadata: { a: 1 } },
      { type: 'start-step' },
      { type: 'text-start', id: 'a' },
      { type: 'text-delta', id: 'a', delta: 'given up' },
      { type: 'error', errorText: 'It broke.' },
      { type: 'start', messageId: 'm2' },
    ]);
    expect(fold.message).toEqual({ id: 'm2', role: 'assistant', parts: [] });
    expect([fold.text, fold.textLength, fold.open, fold.inStep, fold.errorText]).toEqual(['', 0, [], false, null]);
    fold.take({ type: 'text-delta', id: 'a', delta: 'to nowhere' });
    expect(fold.text).toBe('');
    expect(folded([{ type: 'start' }]).message.id).toBe('m1');
  });

  test('ignores chunks for unknown parts and chunks of unknown types', () => {
    const fold = folded([
      { type: 'text-delta', id: 'a', delta: 'x' },
      { type: 'text-end', id: 'a' },
      { type: 'reasoning-delta', id: 'r', delta: 'x' },
      { type: 'tool-input-delta', toolCallId: 'c', inputTextDelta: 'x' },
      { type: 'tool-output-available', toolCallId: 'c', output: 1 },
      { type: 'something-new', data: 1 },
      { type: 'abort' },
      { type: 'finish-step' },
    ]);
    expect(fold.message.parts).toEqual([]);
  });

  test('joins the texts of all text parts, and has the length of the joined text', async () => {
    const fold = createFold('m1');
    for (const chunk of await EVERYTHING) {
      fold.take(structuredClone(chunk));
      expect(fold.textLength).toBe(fold.text.length);
    }
    expect(fold.text).toBe('I will look.It is 21 °C.Open end');
  });

  test('keeps the text of an error chunk', () => {
    expect(folded([{ type: 'error', errorText: 'It broke.' }]).errorText).toBe('It broke.');
    expect(folded([]).errorText).toBeNull();
  });

  test('continues from a snapshot that was taken after any chunk', async () => {
    const chunks = await EVERYTHING;
    const whole = folded(chunks).message;
    for (let cut = 0; cut <= chunks.length; cut++) {
      const snapshot = structuredClone(folded(chunks.slice(0, cut)).message);
      const fold = folded(chunks.slice(cut), snapshot);
      expect(fold.message).toEqual(whole);
      expect(fold.textLength).toBe(fold.text.length);
    }
  });
});

describe('unfolding', () => {
  test('gives chunks that fold to the same message with the same open parts, even if the message is incomplete', async () => {
    const chunks = await EVERYTHING;
    const whole = folded(chunks).message;
    for (let cut = 1; cut <= chunks.length; cut++) {
      const fold = folded(chunks.slice(0, cut));
      const anew = folded(unfold(fold.message, { open: fold.open, inStep: fold.inStep }));
      expect(anew.message).toEqual(fold.message);
      expect(openIn(anew)).toEqual(openIn(fold));
      expect(anew.inStep).toBe(fold.inStep);
      for (const chunk of chunks.slice(cut)) anew.take(structuredClone(chunk));
      expect(anew.message).toEqual(whole);
    }
  });

  test('gives chunks that the AI SDK can read', async () => {
    const { message } = folded(await EVERYTHING);
    const chunks = unfold(message);
    expect(comparable((await readByTheSdk(chunks)).parts)).toEqual(comparable(message.parts.map(ended)));
  });

  test('ends parts that are not listed as open, and leaves out calls with incomplete input', () => {
    const { message } = folded([
      { type: 'start', messageId: 'm1' },
      { type: 'start-step' },
      { type: 'text-start', id: 'a' },
      { type: 'text-delta', id: 'a', delta: 'Hi' },
      { type: 'tool-input-start', toolCallId: 'c', toolName: 't' },
    ]);
    const anew = folded(unfold(message));
    expect(anew.message.parts).toEqual([{ type: 'step-start' }, { type: 'text', text: 'Hi', state: 'done' }]);
    expect([anew.open, anew.inStep]).toEqual([[], false]);
  });

  test('keeps the id and the metadata of the message', () => {
    const message: Message = { id: 'm7', role: 'assistant', parts: [], metadata: { a: [1] } };
    expect(folded(unfold(message)).message).toEqual(message);
  });
});

const ended = (part: MessagePart): MessagePart => (part.state === 'streaming' ? { ...part, state: 'done' } : part);
