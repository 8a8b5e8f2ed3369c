/** Measurements of a process directly after a garbage collection. */
export interface Insight {
  heapBytes: number;
  rssBytes: number;
  externalBytes: number;
  timers: number;
  sockets: number;
  /** Listeners of the `process` object. */
  listeners: number;
}

const INSIGHT = `(() => {
  const { heapUsed, rss, external, arrayBuffers } = process.memoryUsage();
  const resources = process.getActiveResourcesInfo();
  const count = (pattern) => resources.filter((name) => pattern.test(name)).length;
  return JSON.stringify({
    heapBytes: heapUsed,
    rssBytes: rss,
    externalBytes: external + arrayBuffers,
    timers: count(/Timeout/),
    sockets: count(/TCPSocketWrap/),
    listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
  });
})()`;

interface Reply {
  id: number;
  result?: { result?: { value?: string } };
}

/** The inspector of a Node process that was started with `--inspect=127.0.0.1:<port>`. */
export async function openInspector(port: number): Promise<{ look(): Promise<Insight>; close(): void }> {
  const targets = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as [
    { webSocketDebuggerUrl: string },
  ];
  const socket = new WebSocket(targets[0].webSocketDebuggerUrl);
  const waiting = new Map<number, (reply: Reply) => void>();
  let lastId = 0;
  socket.addEventListener('message', ({ data }) => {
    const reply = JSON.parse(String(data)) as Reply;
    waiting.get(reply.id)?.(reply);
    waiting.delete(reply.id);
  });
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', reject);
  });
  const say = (method: string, params: object = {}): Promise<Reply> =>
    new Promise((resolve) => {
      lastId += 1;
      waiting.set(lastId, resolve);
      socket.send(JSON.stringify({ id: lastId, method, params }));
    });
  return {
    async look() {
      await say('HeapProfiler.collectGarbage');
      const { result } = await say('Runtime.evaluate', { expression: INSIGHT, returnByValue: true });
      return JSON.parse(result!.result!.value!) as Insight;
    },
    close: () => socket.close(),
  };
}
