import type { Variable } from '../../shared/templates/content.ts';
import type { TemplateValues } from '../../shared/templates/filling.ts';

/** The name of a blank's form field. A blank is a placeholder in the text of a template, such as `{{focus}}`. */
export const fieldName = (name: string): string => `v.${name}`;

/** The values that a form has for the blanks. Browsers leave out a checkbox that is not ticked. */
export function valuesIn(form: FormData, variables: readonly Variable[]): TemplateValues {
  const values: TemplateValues = {};
  for (const { name, type } of variables) {
    const value = form.get(fieldName(name));
    if (type === 'boolean') values[name] = value !== null;
    // Forms send each line break as two characters.
    else if (typeof value === 'string') values[name] = value.replaceAll('\r\n', '\n');
  }
  return values;
}

/** The values in the query of a URL: `?focus=x`. Values for blanks that the template does not have are left out. */
export function valuesInQuery(query: URLSearchParams, variables: readonly Variable[]): TemplateValues {
  const values: TemplateValues = {};
  for (const { name, type } of variables) {
    const value = query.get(name);
    if (value !== null) values[name] = type === 'boolean' ? ['', '1', 'true', 'yes'].includes(value) : value;
  }
  return values;
}
