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
