import { z } from 'zod';

/** What one unit of load costs: the table "Constants for sizing" in docs/benchmarks.md. */
const schema = z.object({
  /** Cores that a busy sidecar uses in addition to the costs below. The base does not grow with the load. */
  sidecar_base_cores: z.number(),
  /** CPU for a token in the sidecar that writes the stream. */
  sidecar_us_per_token: z.number(),
  /** CPU for a token that one reader receives. */
  sidecar_us_per_delivery: z.number(),
  /** CPU for a token in a sidecar that follows another sidecar's stream. */
  sidecar_us_per_followed_token: z.number(),
  sidecar_idle_mb: z.number(),
  sidecar_kb_per_stream: z.number(),
  /** Cores that a Redis master uses for each sidecar that stores streams there, in addition to the costs per token. */
  redis_base_cores: z.number(),
  /**
   * CPU of Redis for a call that stores a single token. The base costs of Redis never add up to more than the cost of one such call
   * for each token.
   */
  redis_us_per_call: z.number(),
  redis_us_per_token: z.number(),
  redis_us_per_followed_token: z.number(),
  redis_in_bytes_per_token: z.number(),
  redis_out_bytes_per_followed_token: z.number(),
  reader_bytes_per_token: z.number(),
  /** Memory of Redis for each token of an answer. It is used until the answer expires. */
  redis_memory_bytes_per_token: z.number(),
  /** Memory of Redis for an answer, in addition to the memory for its tokens. */
  redis_memory_bytes_per_answer: z.number(),
});
export type Constants = z.infer<typeof schema>;

const ROW = /^\| `([a-z_]+)` \| ([\d.]+) \|/gm;

/** The constants in the text of docs/benchmarks.md. Throws if one is missing. */
export function constantsIn(markdown: string): Constants {
  const rows = [...markdown.matchAll(ROW)].map(([, name, value]) => [name, Number(value)]);
  return schema.parse(Object.fromEntries(rows));
}
