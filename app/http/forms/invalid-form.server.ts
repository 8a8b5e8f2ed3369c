import { RejoinError } from '../../../shared/errors.ts';

/**
 * Calls `perform`, which handles a form. If it refuses the form as invalid, its reason is replaced by `sentence`, which is in the
 * language of the page: the reason is in English, and uses the API's names of the fields.
 */
export async function saysInvalid<T>(sentence: string, perform: () => T | Promise<T>): Promise<T> {
  try {
    return await perform();
  } catch (error) {
    if (!(error instanceof RejoinError) || error.code !== 'invalid_request') throw error;
    throw new RejoinError('invalid_request', { detail: sentence, cause: error });
  }
}
