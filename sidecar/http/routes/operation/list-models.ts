import { modelListSchema } from '../../../../shared/chat.ts';
import { endpoint } from '../../endpoint.ts';

export const listModels = endpoint({
  method: 'GET',
  path: '/models',
  operationId: 'listModels',
  summary: 'List the models to choose from',
  tag: 'operation',
  answers: {
    200: {
      description: 'The models. A model that lacks a setting is listed too, with the reason.',
      schema: modelListSchema,
    },
  },
  handle: (_call, { models }) => models(),
});
