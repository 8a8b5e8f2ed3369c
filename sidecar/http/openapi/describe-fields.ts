import type { Field } from './field.ts';
import { FIELDS } from './fields.ts';

type JsonObject = Record<string, unknown>;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

interface Document {
  paths: Record<string, Record<string, { operationId: string; parameters?: JsonObject[] }>>;
  components: { schemas: Record<string, unknown> };
}

/** If `fields.ts` has no entry for a field of the schema on the left, the entry of a schema on the right describes the field. */
const EXTENDS: Record<string, readonly string[]> = {
  BranchMessage: ['StoredMessage'],
  CurrentStream: ['StreamState'],
  TemplateContent: ['Template'],
  NewTemplate: ['Template'],
};

/**
 * Adds the descriptions and examples of `fields.ts` to the document, in place. A description in a field's own schema has
 * precedence. Returns the names of the entries that were used, so that a test can find stale ones.
 */
export function describeFields(document: Document, fields: Record<string, Field> = FIELDS): Set<string> {
  const used = new Set<string>();
  const find = (owners: readonly string[], name: string): Field | undefined => {
    const key = [...owners.map((owner) => `${owner}.${name}`), name].find((key) => Object.hasOwn(fields, key));
    if (key === undefined) return undefined;
    used.add(key);
    return fields[key];
  };

  /** `owners`: the names under which `fields.ts` may list the fields of this schema, the most specific first. */
  const visit = (schema: unknown, owners: readonly string[]): void => {
    if (Array.isArray(schema)) return schema.forEach((each) => visit(each, owners));
    if (!isObject(schema)) return;
    for (const [keyword, child] of Object.entries(schema)) {
      if (keyword !== 'properties' || !isObject(child)) {
        visit(child, owners);
        continue;
      }
      for (const [name, field] of Object.entries(child)) {
        if (!isObject(field)) continue;
        const [description, example] = find(owners, name) ?? [];
        if (description !== undefined) {
          field.description ??= description;
          field.examples ??= [example];
        }
        visit(
          field,
          owners.map((owner) => `${owner}.${name}`),
        );
      }
    }
  };

  for (const [name, schema] of Object.entries(document.components.schemas))
    visit(schema, [name.replace(/Input$/, ''), ...(EXTENDS[name] ?? [])]);
  for (const { operationId, parameters = [] } of Object.values(document.paths).flatMap((path) => Object.values(path)))
    for (const parameter of parameters) {
      const [description, example] = find([operationId], String(parameter.name)) ?? [];
      if (description === undefined) continue;
      parameter.description ??= description;
      parameter.example ??= example;
    }
  return used;
}
