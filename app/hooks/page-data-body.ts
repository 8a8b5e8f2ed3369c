/**
 * The body of a response with a page's data, in the format that Remix reads (turbo-stream): a JSON list of all values. Objects and
 * arrays in the list contain the indexes of their members instead of the members.
 *
 * @param data JSON: an object whose keys are route ids, or the result of an action
 */
export function pageDataBody(data: unknown): string {
  const values: unknown[] = [];
  const add = (value: unknown): number => {
    if (value === null) return NULL;
    const at = values.push(value) - 1;
    if (Array.isArray(value)) values[at] = value.map(add);
    else if (typeof value === 'object') {
      values[at] = Object.fromEntries(Object.entries(value).map(([name, each]) => [`_${add(name)}`, add(each)]));
    }
    return at;
  };
  add(data);
  return `${JSON.stringify(values)}\n`;
}

/** The index that stands for `null`. */
const NULL = -5;
