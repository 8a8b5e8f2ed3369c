import { z } from 'zod';
import { endpoint } from '../../endpoint.ts';

/** Time for the first bytes to pass through a proxy. */
const CUT_AFTER_MS = 50;

export const checkCut = endpoint({
  method: 'GET',
  path: '/cut-check',
  operationId: 'checkCut',
  summary: 'Check that a client notices when a response is cut off',
  description:
    'Begins a response and closes the connection in the middle, as the operating system does when a process is killed. Send the request through your load balancer. If the response ends without an error, the balancer hides from readers that an answer was cut off.',
  tag: 'operation',
  access: 'anyone',
  answers: {
    200: {
      description: 'The beginning of a response, cut off',
      content: {
        'text/plain': z.string().meta({ description: 'One line.', examples: ['This answer is cut off here.'] }),
      },
    },
  },
  async handle({ reply }) {
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
    raw.write('This answer is cut off here. If your client reports no error, a proxy hides the cut.\n');
    setTimeout(() => raw.socket?.destroy(), CUT_AFTER_MS).unref();
  },
});
