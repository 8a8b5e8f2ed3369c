/**
 * The key of Rejoin's own data in a part's `providerMetadata`. The metadata is sent back to the model with later questions,
 * but a provider reads only the entry with its own name.
 */
const OWN = 'rejoin';

/** The metadata of a reasoning part, with the model's thinking time added. The entries of providers stay. */
export const withThoughtMs = (metadata: unknown, thoughtMs: number): Record<string, unknown> => ({
  ...(Object(metadata) as Record<string, unknown>),
  [OWN]: { thoughtMs },
});

/** How long the model thought for this part, in milliseconds; `null` if it is unknown. */
export function thoughtMs(part: { readonly [field: string]: unknown }): number | null {
  const { providerMetadata } = part;
  const own = providerMetadata == null ? undefined : (Object(providerMetadata) as Record<string, unknown>)[OWN];
  const ms = (Object(own) as { thoughtMs?: unknown }).thoughtMs;
  return typeof ms === 'number' && Number.isFinite(ms) && ms >= 0 ? ms : null;
}
