import { bodyErrorOf } from '../whole-body.server.ts';

/**
 * The form in the body of a request. Throws `invalid_request` if the body is not a form, and `request_too_large`, `request_timeout`
 * or `overloaded` if `boundBody` refused the body.
 */
export async function readForm(request: Request): Promise<FormData> {
  try {
    return await request.formData();
  } catch (error) {
    throw bodyErrorOf(error);
  }
}
