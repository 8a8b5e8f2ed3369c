/** One line of the Prometheus text format. */
export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** The metrics of a sidecar, from `GET /metrics`. */
export interface Figures {
  readonly text: string;
  readonly samples: readonly Sample[];
  /** The sum of all samples with this name and these labels; 0 if there are none. */
  sum(name: string, labels?: Record<string, string>): number;
}

export async function readFigures({ url }: { url: string }): Promise<Figures> {
  const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`/metrics answered ${response.status}`);
  const text = await response.text();
  const samples = [...text.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm)].map(([, name, labels = '', value]) => ({
    name: name!,
    labels: Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, of]) => [key!, of!])),
    value: Number(value),
  }));
  return {
    text,
    samples,
    sum: (name, labels = {}) =>
      samples
        .filter((sample) => sample.name === name)
        .filter((sample) => Object.entries(labels).every(([key, value]) => sample.labels[key] === value))
        .reduce((total, { value }) => total + value, 0),
  };
}

/** The sum of a sidecar's metric over all labels; 0 if there is no metric with this name. */
export const figure = async (sidecar: { url: string }, name: string): Promise<number> =>
  (await readFigures(sidecar)).sum(name);
