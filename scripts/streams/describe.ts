import { MAX_ALL_ACTIVE, type StreamState } from '../../shared/stream/stream.ts';

/** `3 s`, `12 min`, `5 h`, `2 d`: the largest unit that fits. */
export function age(iso: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(iso)) / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

export function listLines(streams: readonly StreamState[], now: number): string[] {
  if (streams.length === 0) return ['No answer is being written.'];
  const rows = streams.map((stream) => [
    stream.streamId,
    stream.userId ?? '',
    stream.chatId,
    stream.modelId,
    age(stream.startTime, now),
    age(stream.lastActivity, now),
    String(stream.bytes),
  ]);
  const table = [['STREAM', 'USER', 'CHAT', 'MODEL', 'AGE', 'SILENT', 'BYTES'], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  const lines = table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
  return streams.length < MAX_ALL_ACTIVE ? lines : [...lines, `(the first ${MAX_ALL_ACTIVE}; there may be more)`];
}

export function showLines(stream: StreamState, now: number): string[] {
  const facts: [string, string | undefined][] = [
    ['stream', stream.streamId],
    ['status', stream.error ? `${stream.status}: ${stream.error.text} (${stream.error.code})` : stream.status],
    ['user', stream.userId],
    ['chat', stream.chatId],
    ['message', stream.messageId],
    ['model', stream.modelId],
    ['started', `${stream.startTime} (${age(stream.startTime, now)} ago)`],
    ['last activity', `${stream.lastActivity} (${age(stream.lastActivity, now)} ago)`],
    // The owner is an empty text without Redis.
    ['owner', stream.owner || undefined],
    ['readers', stream.readers === undefined ? undefined : String(stream.readers)],
    ['bytes', String(stream.bytes)],
    ['last event', stream.lastEventId ?? 'none: the stream is queued, or its log was lost'],
    ['sha-256', stream.sha256 ?? undefined],
    ['resumable', stream.resumable ? 'yes' : 'no: without Redis, the stream is lost when its sidecar exits'],
  ];
  return facts.flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(14)}${value}`]));
}
