import { RejoinError } from '../../../shared/errors.ts';

/**
 * If `perform` finds that a form is invalid, replaces the reason with `sentence`, which is in the language of the page. The
 * reasons that `perform` gives are in English and use the API's names of the fields.
 */
export async function saysInvalid<T>(sentence: string, perform: () => T | Promise<T>): Promise<T> {
  try {
    return await perform();
  } catch (error) {
    if (!(error instanceof RejoinError) || error.code !== 'invalid_request') throw error;
    throw new RejoinError('invalid_request', { detail: sentence, cause: error });
  }
}
