/** One line of what Prometheus reads. */
export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** The figures of a sidecar, as `GET /metrics` gives them. */
export interface Figures {
  readonly text: string;
  readonly samples: readonly Sample[];
  /** The sum of all samples of that name with these labels; 0 where there is none. */
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
