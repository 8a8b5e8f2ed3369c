import { modelListSchema } from '../../../../shared/chat/chat.ts';
import { endpoint } from '../../endpoint.ts';

export const listModels = endpoint({
  method: 'GET',
  path: '/models',
  operationId: 'listModels',
  summary: 'List the models to choose from',
  tag: 'operation',
  answers: {
    200: {
      description:
        'The models. A model that is not configured is listed, too, with the reason why it is not available.',
      schema: modelListSchema,
    },
  },
  handle: (_call, { models }) => models(),
});
