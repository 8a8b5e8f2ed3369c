import { RejoinError } from '../../shared/errors.ts';

/**
 * Says that a form is invalid by `sentence`, which is in the language of the page. The details of a check are in English, and
 * name fields as the API calls them.
 */
export async function saysInvalid<T>(sentence: string, perform: () => T | Promise<T>): Promise<T> {
  try {
    return await perform();
  } catch (error) {
    if (!(error instanceof RejoinError) || error.code !== 'invalid_request') throw error;
    throw new RejoinError('invalid_request', { detail: sentence, cause: error });
  }
}
