import { RejoinError } from '../../../shared/errors.ts';

/**
 * Calls `perform`, which handles a form. If `perform` throws `invalid_request`, the detail of the error is replaced by `sentence`,
 * which is in the language of the page. The original detail is in English and uses the field names of the API.
 */
export async function saysInvalid<T>(sentence: string, perform: () => T | Promise<T>): Promise<T> {
  try {
    return await perform();
  } catch (error) {
    if (!(error instanceof RejoinError) || error.code !== 'invalid_request') throw error;
    throw new RejoinError('invalid_request', { detail: sentence, cause: error });
  }
}
