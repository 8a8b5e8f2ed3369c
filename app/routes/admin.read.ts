import { RejoinError } from '../../shared/errors.ts';
import { ID_PATTERN } from '../../shared/ids.ts';
import { operator } from '~/admin/admin.server.ts';
import { apiRoute } from '~/http/api-route.server.ts';
import { readForm } from '~/http/forms/read-form.server.ts';
import { log } from '~/process/log.server.ts';
import { proxyEvents } from '~/sidecar-client/proxy-events.server.ts';
import { streamState } from '~/sidecar-client/sidecar.server.ts';

/**
 * `POST /admin/read` with `streamId` in a form: the text of another person's answer, for an administrator. It is a POST, so that
 * no link can make an administrator read an answer. Each use is logged with the ids of the administrator and of the other person.
 */
const route = apiRoute({
  POST: async ({ request, user }) => {
    const administrator = operator(user);
    const streamId = String((await readForm(request)).get('streamId') ?? '');
    if (!ID_PATTERN.test(streamId)) throw new RejoinError('not_found');
    const { userId: owner } = await streamState(administrator, streamId);
    log.warn({ event: 'admin.read', administrator: user.userId, owner, streamId });
    return proxyEvents({ user: administrator, streamId, as: 'text' });
  },
});
export const loader = route.loader;
export const action = route.action;
