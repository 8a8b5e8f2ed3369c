import { expect, test, vi } from 'vitest';
import { createPrinter } from './printer.ts';

const request = (status: number) =>
  JSON.stringify({ level: 30, time: 0, name: 'app', event: 'request', method: 'GET', path: '/', status });
const REQUEST = request(200);
const ENTRY = '{"level":30,"time":"2026-11-22T14:13:20.123Z","name":"sidecar","event":"sidecar.listening"}';

function printed(name: string, lines: string[], { level, isTerminal }: { level?: string; isTerminal: boolean }) {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const print = createPrinter({ settings: { LOG_LEVEL: level }, isTerminal });
  for (const line of lines) print(name, line);
  const texts = write.mock.calls.map(([text]) => String(text));
  write.mockRestore();
  return texts;
}

test('without a terminal, the app’s routine lines are left out, and every other line is printed unchanged', () => {
  const lines = [REQUEST, request(500), ENTRY];
  expect(printed('app', lines, { isTerminal: false })).toEqual([`${request(500)}\n`, `${ENTRY}\n`]);
});

test.each([true, false])('with LOG_LEVEL=debug, everything is printed unchanged (at a terminal: %s)', (isTerminal) => {
  expect(printed('app', [REQUEST, ENTRY], { level: 'debug', isTerminal })).toEqual([`${REQUEST}\n`, `${ENTRY}\n`]);
});

test('at a terminal, a log line is printed as readable text', () => {
  expect(printed('sidecar', [ENTRY], { isTerminal: true })).toEqual([
    expect.stringMatching(/^\d\d:13:20 sidecar {2}sidecar\.listening\n$/),
  ]);
});
