import { json, refused, type Sample } from '../sample.ts';
import type { StreamErrorCode } from '../../../../../shared/stream/stream-errors.ts';

/** An error response. `name`: which server sends it, and why. `headers`: given if the content type is not `application/json`. */
export type Row = [name: string, status: number, body: unknown, headers?: Record<string, string>];

/** An error in OpenAI's form. */
export const err = (message: string, more: object = {}): object => ({ error: { message, ...more } });
/** An error in Google's form. */
export const google = (code: number, status: string, message: string, more: object = {}): object => ({
  error: { code, status, message, ...more },
});
export const page = (title: string): string => `<html>\r\n<head><title>${title}</title></head>\r\n<body></body></html>`;
export const plain = { 'content-type': 'text/plain' };

export const rows = (code: StreamErrorCode, all: readonly Row[]): Sample[] =>
  all.map(([name, status, body, headers = json]) => refused(name, status, body, code, headers));
