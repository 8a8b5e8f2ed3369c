import { RejoinError } from '../../shared/errors.ts';
import type { Caller } from '~/sidecar-client/sidecar-http.server.ts';
import { sharePatchIn } from './share-form.server.ts';
import { patchShare, revokeShare } from './shares.server.ts';

/** Does what a form of a {@link ShareCard} asks for. */
export async function changeShareFromForm(caller: Caller, form: FormData): Promise<void> {
  const shareId = String(form.get('shareId') ?? '');
  switch (form.get('intent')) {
    case 'update':
      return void (await patchShare(caller, shareId, { update: true }));
    case 'change':
      return void (await patchShare(caller, shareId, sharePatchIn(form)));
    case 'revoke':
      return revokeShare(caller, shareId);
    default:
      throw new RejoinError('invalid_request');
  }
}
