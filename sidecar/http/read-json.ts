import type { FastifyInstance } from 'fastify';
import { parseJsonBody } from '../../shared/parse-request.ts';

/** Reads every body as JSON, whatever its content type is: `curl -d` sends the content type of a form. */
export function readJsonBodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, parseJsonBody(body as string));
    } catch (error) {
      done(error as Error);
    }
  });
}
