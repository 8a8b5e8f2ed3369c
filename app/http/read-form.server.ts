import { RejoinError } from '../../shared/errors.ts';
import { currentExchange } from '~/process/exchange.server.ts';
import { bodyRefusal } from './edge/bounded-body.server.ts';

/**
 * The form that a request carries; the edge bounds its length and the time in which it has to come. Throws
 * `request_too_large`, `request_timeout`, `overloaded` as the edge says, `invalid_request` where it is no form.
 */
export async function readForm(request: Request): Promise<FormData> {
  try {
    return await request.formData();
  } catch (cause) {
    const exchange = currentExchange();
    throw (
      (exchange && bodyRefusal(exchange.request)) ??
      new RejoinError('invalid_request', { detail: 'The form cannot be read. Please send it again.', cause })
    );
  }
}
