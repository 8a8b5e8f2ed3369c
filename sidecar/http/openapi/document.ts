import swagger, { type SwaggerTransform, type SwaggerTransformObject } from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';
import packageJson from '../../../package.json' with { type: 'json' };
import { nameComponents } from './components.ts';
import { finishDocument } from './finish-document.ts';

/** Generates the OpenAPI document from the endpoints that are added to `server` afterwards. */
export async function describeEndpoints(server: FastifyInstance): Promise<void> {
  nameComponents();
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Rejoin sidecar',
        version: packageJson.version,
        description:
          'Generates answers of AI models, stores them, and serves each to any number of readers from any position.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [
        {
          url: 'http://{address}/v1',
          description: 'The sidecar. Version 1 of its API.',
          variables: { address: { default: '127.0.0.1:4000', description: 'The host and port of the sidecar.' } },
        },
      ],
      security: [{ token: [] }],
      tags: [
        { name: 'streams', description: 'Answers: start, read, stop.' },
        { name: 'chats', description: 'Conversations: list, read, change, delete.' },
        { name: 'rooms', description: 'Conversations with several people: invite, join, members.' },
        { name: 'templates', description: 'Saved questions with blanks: list, save, publish, fill.' },
        { name: 'shares', description: 'Public pages of conversations: make, change, revoke, read.' },
        { name: 'operation', description: 'Health, figures and maintenance.' },
      ],
      components: {
        securitySchemes: {
          token: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'JWT',
            description:
              'A JWT, signed with `SIDECAR_SECRET` (HS256). `sub`: the id of the user for whom the caller acts. `aud`: "sidecar". `exp`: required. `admin: true`: an administrator. `npm run token -- <userId>` prints one.',
          },
        },
      },
    },
    transform,
    transformObject,
  });
}

/** The schema of an endpoint as JSON Schema, with the response headers, which the library leaves out. */
const transform: SwaggerTransform = (route) => {
  const transformed = jsonSchemaTransform(route as Parameters<typeof jsonSchemaTransform>[0]);
  const response = transformed.schema.response as Record<string, Record<string, unknown>> | undefined;
  for (const [status, { headers }] of Object.entries((route.schema?.response ?? {}) as Record<string, WithHeaders>)) {
    if (headers && response?.[status]) response[status].headers = jsonSchemas(headers);
  }
  return transformed;
};

interface WithHeaders {
  headers?: Record<string, z.ZodType>;
}

function jsonSchemas(schemas: Record<string, z.ZodType>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => {
      const { $schema: _dialect, ...described } = z.toJSONSchema(schema, { io: 'output' });
      return [name, described];
    }),
  );
}

const transformObject: SwaggerTransformObject = (document) => finishDocument(jsonSchemaTransformObject(document));
