import { z } from 'zod';
import { ERRORS, problemSchema, type ErrorCode } from '../../../shared/errors.ts';

/** The description of a response in the OpenAPI document. A string describes a response without a body. */
export type Answer =
  | string
  | {
      description: string;
      /** The body, sent as JSON. */
      schema?: z.ZodType;
      /** The body for each media type other than JSON. */
      content?: Record<string, z.ZodType>;
      headers?: Record<string, z.ZodType>;
    };

interface DescribedAnswer {
  description: string;
  content: Record<string, { schema: z.ZodType }>;
  headers?: Record<string, z.ZodType>;
}

/** A Fastify response schema for each status. The schema of a response without a body is `z.null()`. */
export type AnswerSchemas = Record<string, DescribedAnswer | z.ZodType>;

export function describedAnswers(answers: Record<number, Answer>): AnswerSchemas {
  return Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, described(answer)]));
}

function described(answer: Answer): DescribedAnswer | z.ZodType {
  if (typeof answer === 'string') return z.null().describe(answer);
  const { description, schema, content, headers } = answer;
  const bodies = schema ? { 'application/json': schema, ...content } : { ...content };
  return {
    description,
    content: Object.fromEntries(Object.entries(bodies).map(([type, body]) => [type, { schema: body }])),
    headers: { ...REQUEST_ID, ...headers },
  };
}

/** A header of every response. */
export const REQUEST_ID: Record<string, z.ZodType> = {
  'X-Request-Id': z.string().meta({
    description:
      'The id of the request, which is also in the log. It is the id that you sent in this header, or a new one.',
    examples: ['4bf92f3577b34da6a3ce929d0e0e4736'],
  }),
};

const retryAfter = z.string().meta({ description: 'Seconds until it is worth trying again.', examples: ['5'] });

/** The headers of error responses, by status. */
const HEADERS: Record<string, Record<string, z.ZodType>> = {
  401: {
    'WWW-Authenticate': z
      .string()
      .meta({ description: 'Why the token was refused.', examples: ['Bearer realm="rejoin"'] }),
  },
  415: { Accept: z.string().meta({ description: 'The content type to send.', examples: ['application/json'] }) },
  429: {
    'Retry-After': retryAfter,
    'RateLimit-Limit': z.string().meta({ description: 'The limit that refused the request.', examples: ['8'] }),
    'RateLimit-Remaining': z
      .string()
      .meta({ description: 'How many more requests the limit allows now.', examples: ['0'] }),
    'RateLimit-Reset': z
      .string()
      .meta({ description: 'Seconds until it is worth trying again, as in `Retry-After`.', examples: ['5'] }),
    'RateLimit-Policy': z.string().meta({
      description:
        'The limit, and after `w=` the length of its window in seconds. Only for limits on requests per time.',
      examples: ['20;w=60'],
    }),
  },
  503: { 'Retry-After': retryAfter },
};

/** Responses that Node's HTTP server sends by itself, before it knows the path. */
export const NOT_HTTP = {
  '4XX': z
    .null()
    .describe('The request is not valid HTTP (400), came too slowly (408), or has too large headers (431).'),
};

/** Describes the responses for these errors. Errors with the same status share one response. */
export function problemAnswers(codes: readonly ErrorCode[]): AnswerSchemas {
  const byStatus = Map.groupBy(codes, (code) => ERRORS[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status,
      {
        description: codes.map((code) => `\`${code}\`: ${ERRORS[code].title}`).join('\n\n'),
        content: { 'application/problem+json': { schema: problemSchema } },
        headers: { ...REQUEST_ID, ...HEADERS[status] },
      },
    ]),
  );
}
