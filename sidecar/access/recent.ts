/** Finds values that never change, and remembers those that were used most recently. */
export interface Recent<Value> {
  (key: string): Promise<Value | null>;
  /** The value if it is remembered. Does not call `find`, and does not count as a use. */
  remembered(key: string): Value | null;
}

export function createRecent<Value>({
  size,
  find,
}: {
  size: number;
  find(key: string): Promise<Value | null>;
}): Recent<Value> {
  const values = new Map<string, Value>();

  async function recent(key: string): Promise<Value | null> {
    const value = values.get(key) ?? (await find(key));
    if (value === null) return null;
    values.delete(key);
    values.set(key, value);
    if (values.size > size) values.delete(values.keys().next().value!);
    return value;
  }

  return Object.assign(recent, { remembered: (key: string) => values.get(key) ?? null });
}
