/**
 * Model ids as the values of a label. Ids are chosen by callers (`local/<anything>`), and each value of a label costs
 * memory here and in Prometheus: those that are offered keep their names, all others are one.
 */
export function createModelLabel(offered: readonly { id: string }[]): (modelId: string) => string {
  const ids = new Set(offered.map(({ id }) => id));
  return (modelId) => {
    if (ids.has(modelId)) return modelId;
    return modelId.startsWith('synthetic/') ? 'synthetic' : 'other';
  };
}
