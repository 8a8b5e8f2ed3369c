import { z } from 'zod';
import packageJson from '../../package.json' with { type: 'json' };
import { ANALYTICS_KEPT_DAYS, analyticsAnswerSchema } from '../../shared/analytics.ts';
import { chatListSchema, chatPatchSchema, chatSchema, chatSummarySchema, modelListSchema } from '../../shared/chat.ts';
import { ERRORS, problemSchema, type ErrorCode } from '../../shared/errors.ts';
import { idSchema } from '../../shared/ids.ts';
import {
  activeAnswerSchema,
  cancelAnswerSchema,
  cleanupAnswerSchema,
  cleanupRequestSchema,
  endProofSchema,
  MAX_ALL_ACTIVE,
  startAnswerSchema,
  startRequestSchema,
  streamStateSchema,
  streamStatusSchema,
} from '../../shared/stream.ts';

type JsonObject = Record<string, unknown>;

/** What one method of one path takes and answers. */
interface Operation {
  operationId: string;
  summary: string;
  description?: string;
  tags: string[];
  security?: [];
  parameters?: JsonObject[];
  requestBody?: JsonObject;
  responses: Record<string, JsonObject>;
}

/** An OpenAPI 3.1 document, as plain JSON. */
export interface OpenApiDocument {
  openapi: '3.1.0';
  info: JsonObject;
  security: JsonObject[];
  tags: JsonObject[];
  paths: Record<string, Partial<Record<'get' | 'post' | 'patch' | 'delete', Operation>>>;
  components: { schemas: Record<string, JsonObject>; securitySchemes: JsonObject };
}

/** What callers send is described as it may be sent (with defaults left out), answers as they come. */
const REQUESTS = { StartRequest: startRequestSchema, CleanupRequest: cleanupRequestSchema, ChatPatch: chatPatchSchema };
const ANSWERS = {
  StartAnswer: startAnswerSchema,
  StreamState: streamStateSchema,
  ActiveStreams: activeAnswerSchema,
  CancelAnswer: cancelAnswerSchema,
  CleanupAnswer: cleanupAnswerSchema,
  EndProof: endProofSchema,
  ModelList: modelListSchema,
  ChatList: chatListSchema,
  ChatSummary: chatSummarySchema,
  Chat: chatSchema,
  ChatStream: z.object({ streamId: z.string(), status: streamStatusSchema }),
  Analytics: analyticsAnswerSchema,
  Health: z.object({ status: z.string() }),
  Problem: problemSchema,
};
type SchemaName = keyof typeof REQUESTS | keyof typeof ANSWERS;

/** What any call with a token may be answered. */
const EVERYWHERE = ['unauthorized', 'rate_limited', 'internal', 'store_unavailable', 'overloaded'] as const;
const BAD_BODY = ['malformed_json', 'invalid_request', 'request_too_large'] as const;

const EVENTS = `With \`Accept: text/event-stream\` the frames after \`Last-Event-ID\` (or \`after\`), then those to come. Each is
\`data: <an AI SDK UIMessageChunk as JSON>\`, then \`id: <epoch>-<position after it>\`; the last is \`data: [DONE]\`. Comments between
them keep the connection alive. 204 where the reader has had \`[DONE]\`. A response that ends without \`[DONE]\` was cut: come back with
the last id. Before the end a chunk of type \`data-end\` carries an EndProof. With any other \`Accept\` the text of the answer, streamed.`;

/** The description of every endpoint of the sidecar, made from the very schemas that its requests are parsed with. */
export function openApiDocument(): OpenApiDocument {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Rejoin sidecar',
      version: packageJson.version,
      description:
        'Writes answers of AI models, keeps them, and serves each to any number of readers from any position.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    security: [{ token: [] }],
    tags: [{ name: 'streams' }, { name: 'chats' }, { name: 'operation' }],
    paths: {
      '/streams': {
        post: {
          operationId: 'startStream',
          summary: 'Start an answer',
          description: 'Saying it again with the same chatId and messageId is safe: it answers with the same stream.',
          tags: ['streams'],
          requestBody: body('StartRequest'),
          responses: {
            200: json('StartAnswer', 'It was started before, by this very request'),
            201: json('StartAnswer', 'It is being written'),
            ...problems(
              ...BAD_BODY,
              'unknown_model',
              'model_unavailable',
              'system_message_refused',
              'file_parts_unsupported',
              'stream_active',
              'message_exists',
              'too_many_streams',
              'draining',
            ),
          },
        },
        get: {
          operationId: 'listActiveStreams',
          summary: 'The answers that are being written for the caller',
          tags: ['streams'],
          parameters: [
            query(
              'all',
              z.literal('1'),
              `For administrators: everybody's, up to ${MAX_ALL_ACTIVE}, with who writes and reads them`,
            ),
          ],
          responses: { 200: json('ActiveStreams', 'How each of them is'), ...problems() },
        },
      },
      '/streams/{streamId}': {
        get: {
          operationId: 'getStream',
          summary: 'How an answer is',
          tags: ['streams'],
          parameters: [inPath('streamId')],
          responses: { 200: json('StreamState', 'Its state'), ...problems('not_found') },
        },
        delete: {
          operationId: 'cancelStream',
          summary: 'Stop an answer, wherever it is written',
          description: 'What was written is kept. Closing a connection stops nothing; this does. Can be said again.',
          tags: ['streams'],
          parameters: [inPath('streamId')],
          responses: { 200: json('CancelAnswer', 'How it ended'), ...problems('not_found') },
        },
      },
      '/streams/{streamId}/events': {
        get: {
          operationId: 'followStream',
          summary: 'Read an answer, from any position',
          description: EVENTS,
          tags: ['streams'],
          parameters: [
            inPath('streamId'),
            header('Last-Event-ID', 'The last id received; left out: from the beginning'),
            query('after', z.string(), 'The same, for readers that cannot set a header, which wins over it'),
          ],
          responses: {
            200: {
              description: 'Frames, or text',
              headers: {
                'X-Stream-Id': { schema: { type: 'string' } },
                'X-Stream-Status': { description: 'Where it has ended', schema: { type: 'string' } },
                'X-Stream-Reset': {
                  description: '1: not from where it was asked, but from its beginning',
                  schema: { type: 'string' },
                },
              },
              content: {
                'text/event-stream': { schema: { type: 'string' } },
                'text/plain': { schema: { type: 'string' } },
              },
            },
            204: { description: 'The reader has everything there will ever be' },
            ...problems('invalid_event_id', 'not_found', 'too_many_readers'),
          },
        },
      },
      '/cleanup': {
        post: {
          operationId: 'cleanUp',
          summary: 'Remove what is over',
          description:
            "`force`: every stream that has ended or has no owner, now. A caller's own; an administrator's everybody's.",
          tags: ['operation'],
          requestBody: { ...body('CleanupRequest'), required: false },
          responses: { 200: json('CleanupAnswer', 'What was found and done'), ...problems(...BAD_BODY) },
        },
      },
      '/models': {
        get: {
          operationId: 'listModels',
          summary: 'The models to choose from',
          tags: ['operation'],
          responses: { 200: json('ModelList', 'Also those that lack a setting, with what they lack'), ...problems() },
        },
      },
      '/analytics': {
        get: {
          operationId: 'analytics',
          summary: 'What happened, hour by hour or day by day, in all sidecars',
          description: `For administrators. Kept for ${ANALYTICS_KEPT_DAYS} days. Counts only: nothing of what was asked or answered, nor by whom.`,
          tags: ['operation'],
          parameters: [
            query('from', z.iso.datetime({ offset: true }), 'The beginning; a day ago unless said'),
            query('to', z.iso.datetime({ offset: true }), 'The end; now unless said'),
            query('step', z.enum(['hour', 'day']), 'Of the periods; hours for a week at most unless said'),
          ],
          responses: { 200: json('Analytics', 'The figures'), ...problems('invalid_request', 'forbidden') },
        },
      },
      '/chats': {
        get: {
          operationId: 'listChats',
          summary: "The caller's conversations, newest first",
          tags: ['chats'],
          responses: { 200: json('ChatList', 'Without their messages'), ...problems() },
        },
        delete: {
          operationId: 'deleteChats',
          summary: "Delete all of the caller's conversations, with their streams",
          tags: ['chats'],
          responses: { 204: { description: 'They are gone' }, ...problems() },
        },
      },
      '/chats/{chatId}': {
        get: {
          operationId: 'getChat',
          summary: 'A conversation, and the answer being written in it',
          tags: ['chats'],
          parameters: [inPath('chatId')],
          responses: { 200: json('Chat', 'All of it'), ...problems('not_found') },
        },
        patch: {
          operationId: 'changeChat',
          summary: 'Rename a conversation, instruct its model, mark it as read',
          tags: ['chats'],
          parameters: [inPath('chatId')],
          requestBody: body('ChatPatch'),
          responses: { 200: json('ChatSummary', 'As it is now'), ...problems(...BAD_BODY, 'not_found') },
        },
        delete: {
          operationId: 'deleteChat',
          summary: 'Delete a conversation, with its streams',
          tags: ['chats'],
          parameters: [inPath('chatId')],
          responses: { 204: { description: 'It is gone, or never was' }, ...problems('not_found') },
        },
      },
      '/chats/{chatId}/stream': {
        get: {
          operationId: 'getChatStream',
          summary: 'The stream to follow in a conversation',
          tags: ['chats'],
          parameters: [inPath('chatId')],
          responses: {
            200: json('ChatStream', 'The active one, or one that ended less than a minute ago'),
            204: { description: 'There is none' },
            ...problems('not_found'),
          },
        },
      },
      '/healthz': {
        get: {
          operationId: 'health',
          summary: 'Whether this process answers',
          tags: ['operation'],
          security: [],
          responses: { 200: json('Health', 'It does') },
        },
      },
      '/readyz': {
        get: {
          operationId: 'readiness',
          summary: 'Whether this process takes new answers: it reaches Redis, and is not being stopped',
          tags: ['operation'],
          security: [],
          responses: { 200: json('Health', 'It does'), 503: json('Health', 'It does not, and says why') },
        },
      },
      '/metrics': {
        get: {
          operationId: 'metrics',
          summary: 'Figures for Prometheus',
          tags: ['operation'],
          security: [],
          responses: { 200: { description: 'Figures', content: { 'text/plain': { schema: { type: 'string' } } } } },
        },
      },
      '/openapi.json': {
        get: {
          operationId: 'openapi',
          summary: 'This document',
          tags: ['operation'],
          security: [],
          responses: {
            200: { description: 'OpenAPI 3.1', content: { 'application/json': { schema: { type: 'object' } } } },
          },
        },
      },
    },
    components: {
      schemas: {
        ...Object.fromEntries(Object.entries(REQUESTS).map(([name, schema]) => [name, jsonSchema(schema, 'input')])),
        ...Object.fromEntries(Object.entries(ANSWERS).map(([name, schema]) => [name, jsonSchema(schema, 'output')])),
      },
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description:
            'HS256 with SIDECAR_SECRET; `sub`: the user id for whom the caller acts, `aud`: "sidecar", `exp` required, `admin: true` for administrators.',
        },
      },
    },
  };
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
  const { $schema: _dialect, ...described } = z.toJSONSchema(schema, {
    io,
    // Answers may gain fields, and requests may have unknown ones: both are ignored.
    override: ({ jsonSchema }) => {
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  });
  return described;
}

const ref = (name: SchemaName): JsonObject => ({ $ref: `#/components/schemas/${name}` });
const content = (name: SchemaName, type = 'application/json'): JsonObject => ({ [type]: { schema: ref(name) } });
const json = (name: SchemaName, description: string): JsonObject => ({ description, content: content(name) });
const body = (name: SchemaName): JsonObject => ({ required: true, content: content(name) });
const inPath = (name: string): JsonObject => ({
  name,
  in: 'path',
  required: true,
  schema: jsonSchema(idSchema, 'input'),
});
const query = (name: string, schema: z.ZodType, description: string): JsonObject => ({
  name,
  in: 'query',
  description,
  schema: jsonSchema(schema, 'input'),
});
const header = (name: string, description: string): JsonObject => ({
  name,
  in: 'header',
  description,
  schema: { type: 'string' },
});

/** The errors of a call with a token, by status, each with the codes it may have. */
function problems(...own: ErrorCode[]): Record<string, JsonObject> {
  const byStatus = Map.groupBy([...own, ...EVERYWHERE], (code) => ERRORS[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      String(status),
      {
        description: codes.map((code) => `\`${code}\`: ${ERRORS[code].title}`).join('\n\n'),
        content: content('Problem', 'application/problem+json'),
      },
    ]),
  );
}
