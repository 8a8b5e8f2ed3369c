/** The figures of a sidecar as its `/metrics` shows them: a name, with its labels where it has some, to a number. */
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
