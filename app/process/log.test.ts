import { expect, test } from 'vitest';
import { createLog } from './log.server.ts';

test('a line has the process, the time (ISO 8601), the event and the error, and a level that is off makes no line', () => {
  const lines: string[] = [];
  const log = createLog({ level: 'info', destination: { write: (line) => void lines.push(line) } });
  log.error({ event: 'page.failed', path: '/', error: new Error('no') });
  log.debug({ event: 'unheard' });
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    {
      level: 50,
      name: 'app',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      event: 'page.failed',
      path: '/',
      msg: 'no',
      error: expect.objectContaining({ type: 'Error', message: 'no', stack: expect.any(String) }),
    },
  ]);
});

test.each(['Sorry, "I" cannot help', '[1, 2, Sorry, I cannot help with "this"]', '{"answer": Sorry\n"I" cannot}'])(
  'the error of JSON.parse is logged without the text that it quotes: %j',
  (text) => {
    const lines: string[] = [];
    const log = createLog({ level: 'info', destination: { write: (line) => void lines.push(line) } });
    let thrown: unknown;
    try {
      JSON.parse(text);
    } catch (error) {
      thrown = new Error('the log cannot be read', { cause: error });
      log.error({ event: 'page.failed', error });
    }
    log.error({ event: 'page.failed', error: thrown });
    expect(lines.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual(['page.failed', 'page.failed']);
    expect(lines.join('')).toContain('not valid JSON');
    expect(lines.join('')).not.toMatch(/Sorry|cannot help|Sorr/);
  },
);
