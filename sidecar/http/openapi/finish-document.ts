import { describeFields } from './describe-fields.ts';

type Json = unknown;
type JsonObject = Record<string, Json>;

const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const PREFIX = '#/components/schemas/';

/**
 * Finishes the generated document. The generator writes each named schema twice, as input (`NameInput`) and as output (`Name`).
 * Only the schemas that are used stay. If the input is used and the output is not, the input is renamed to `Name`.
 * `additionalProperties: false` is removed, because responses may gain fields and requests may have unknown fields. A request
 * body with a default value is marked as optional. The bounds of safe integers and the patterns of dates are removed, because they
 * only make the document longer.
 */
export function finishDocument<Document extends object>(document: Document): Document {
  const { components, ...rest } = document as Document & { components: { schemas: JsonObject } };
  const used = reachable(rest, components.schemas);
  const rename = (name: string): string => {
    const plain = name.replace(/Input$/, '');
    return used.has(plain) ? name : plain;
  };
  const schemas = Object.fromEntries(
    Object.entries(components.schemas)
      .filter(([name]) => used.has(name))
      .map(([name, schema]) => [rename(name), schema]),
  );
  const finished = finish({ ...rest, components: { ...components, schemas } }, rename) as Document;
  describeFields(finished as unknown as Parameters<typeof describeFields>[0]);
  return finished;
}

/** The names of the schemas that the paths refer to, directly or through another schema. */
function reachable(paths: Json, schemas: JsonObject): Set<string> {
  const found = new Set<string>();
  const collect = (value: Json): void => {
    if (Array.isArray(value)) return value.forEach(collect);
    if (!isObject(value)) return;
    const { $ref } = value;
    if (typeof $ref === 'string' && $ref.startsWith(PREFIX)) {
      const name = $ref.slice(PREFIX.length);
      if (!found.has(name)) {
        found.add(name);
        collect(schemas[name]);
      }
    }
    Object.values(value).forEach(collect);
  };
  collect(paths);
  return found;
}

function finish(value: Json, rename: (name: string) => string): Json {
  if (Array.isArray(value)) return value.map((each) => finish(each, rename));
  if (!isObject(value)) return value;
  const result: JsonObject = {};
  for (const [key, child] of Object.entries(value)) {
    if (key === 'additionalProperties' && child === false) continue;
    if (typeof child === 'number' && Math.abs(child) === Number.MAX_SAFE_INTEGER) continue;
    if (key === 'pattern' && value.format === 'date-time') continue;
    if (key === '$ref' && typeof child === 'string' && child.startsWith(PREFIX))
      result.$ref = PREFIX + rename(child.slice(PREFIX.length));
    else if (key === 'requestBody' && isObject(child))
      result.requestBody = { ...(finish(child, rename) as JsonObject), required: !hasDefault(child) };
    else result[key] = finish(child, rename);
  }
  return result;
}

function hasDefault({ content }: JsonObject): boolean {
  return (
    isObject(content) &&
    Object.values(content).some((media) => isObject(media) && isObject(media.schema) && 'default' in media.schema)
  );
}
