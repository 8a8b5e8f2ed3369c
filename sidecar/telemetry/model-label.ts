/**
 * Turns model ids into label values. Callers choose the ids (`local/<anything>`), and each label value costs memory in this process
 * and in Prometheus. So only the ids of offered models become label values; all other ids become `synthetic` or `other`.
 */
export function createModelLabel(offered: readonly { id: string }[]): (modelId: string) => string {
  const ids = new Set(offered.map(({ id }) => id));
  return (modelId) => {
    if (ids.has(modelId)) return modelId;
    return modelId.startsWith('synthetic/') ? 'synthetic' : 'other';
  };
}
