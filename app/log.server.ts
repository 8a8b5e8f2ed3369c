import { pino } from 'pino';

/** The app's log: JSON lines on standard output. Never a prompt, an answer or a token. */
export const log = pino({ name: 'app', level: process.env.LOG_LEVEL || 'info', base: null });
