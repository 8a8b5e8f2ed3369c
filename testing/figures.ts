/** The metrics of a sidecar, from `/metrics`: name (with its labels, if any) → value. */
export async function figuresOf({ url }: { url: string }): Promise<Map<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
}

export const figure = async (sidecar: { url: string }, name: string): Promise<number> =>
  (await figuresOf(sidecar)).get(name) ?? 0;
