import { bodyErrorOf } from './whole-body.server.ts';

/**
 * The form in the body of a request. The edge limits its length and the time that it may take. Throws the edge's errors
 * `request_too_large`, `request_timeout`, `overloaded`, and `invalid_request` if the body is not a form.
 */
export async function readForm(request: Request): Promise<FormData> {
  try {
    return await request.formData();
  } catch (error) {
    throw bodyErrorOf(error);
  }
}
