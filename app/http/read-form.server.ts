import { bodyErrorOf } from './whole-body.server.ts';

/**
 * The form that a request carries; the edge bounds its length and the time in which it has to come. Throws
 * `request_too_large`, `request_timeout`, `overloaded` from the edge, and `invalid_request` if the body is not a form.
 */
export async function readForm(request: Request): Promise<FormData> {
  try {
    return await request.formData();
  } catch (error) {
    throw bodyErrorOf(error);
  }
}
