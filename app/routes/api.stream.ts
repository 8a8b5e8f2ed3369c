import { randomUUID } from 'node:crypto';
import { idSchema } from '../../shared/ids.ts';
import { chatRefSchema } from '../../shared/chat/rooms.ts';
import { checkStartBody, startBodyFields } from '../../shared/stream/stream.ts';
import { apiRoute } from '~/http/api-route.server.ts';
import { proxyEvents, wantedForm } from '~/sidecar-client/proxy-events.server.ts';
import { readBody } from '~/http/read-body.server.ts';
import { models, startStream } from '~/sidecar-client/sidecar.server.ts';

/** The body of `POST /api/stream/start`, but ids and model are optional. */
const directRequestSchema = startBodyFields
  .extend({
    chatId: chatRefSchema.default(() => randomUUID()),
    messageId: idSchema.default(() => randomUUID()),
  })
  // A missing model is no error: the default model answers.
  .superRefine((body, context) => checkStartBody({ ...body, modelId: body.modelId ?? 'default' }, context));

/**
 * `POST /api/stream`, the old direct endpoint: starts and follows a stream in one response, as text unless `Accept` contains
 * `text/event-stream`. `X-Stream-Id` names the stream. The model goes on if the caller leaves.
 */
const route = apiRoute(
  {
    POST: async ({ request, user }) => {
      const asked = await readBody(request, directRequestSchema);
      // A template can have its own model, which the sidecar uses if the request names none.
      const hasModel = asked.modelId !== undefined || asked.template !== undefined;
      const modelId = hasModel ? asked.modelId : (await models(user)).defaultModelId;
      const { streamId } = await startStream(user, { ...asked, modelId });
      const headers = { 'x-stream-id': streamId };
      return proxyEvents({ user, streamId, as: wantedForm(request), headers });
    },
  },
  { begins: true },
);
export const loader = route.loader;
export const action = route.action;
