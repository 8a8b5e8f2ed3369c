import { blanksIn, isBuiltIn, piecesOf } from './blanks.ts';
import type { TemplateContent, Variable } from './content.ts';
import { checkValue, type FieldProblem } from './fill-template.ts';

/** Checks whether blanks, variables, defaults and bounds fit together. The schema checks each field alone. */
export function checkTemplate({ message, instructions, variables }: TemplateContent): FieldProblem[] {
  const names = new Set<string>();
  const problems: FieldProblem[] = [];
  const add = (path: FieldProblem['path'], text: string) => void problems.push({ path, message: text });

  variables.forEach(({ name }, index) => {
    if (isBuiltIn(name)) add(['variables', index, 'name'], `"${name}" is built in. Choose another name.`);
    if (names.has(name)) add(['variables', index, 'name'], `There are two variables with the name "${name}".`);
    names.add(name);
  });
  for (const [field, text] of Object.entries({ message, instructions })) {
    const { problem } = piecesOf(text);
    if (problem !== null) add([field], problem);
    for (const name of blanksIn(text)) {
      if (!names.has(name) && !isBuiltIn(name)) add([field], `There is no variable for the blank "{{${name}}}".`);
    }
  }
  variables.forEach((variable, index) => {
    for (const { path, message: text } of checkVariable(variable, names)) add(['variables', index, ...path], text);
  });
  return problems;
}

function checkVariable(variable: Variable, names: ReadonlySet<string>): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const bounds = (from: number | string | undefined, to: number | string | undefined, path: string) => {
    if (from !== undefined && to !== undefined && from > to)
      problems.push({ path: [path], message: 'The largest value is below the smallest one.' });
  };
  // Blanks in a default or an option are not filled in: the model would get the characters "{{name}}".
  const refuseBlanks = (text: string, path: FieldProblem['path']) => {
    const name = blanksIn(text).find((blank) => names.has(blank) || isBuiltIn(blank));
    if (name !== undefined) problems.push({ path, message: `"{{${name}}}" would not be filled in here.` });
  };
  switch (variable.type) {
    case 'text':
    case 'textarea':
      bounds(variable.minLength, variable.maxLength, 'maxLength');
      if (variable.default !== undefined) refuseBlanks(variable.default, ['default']);
      break;
    case 'number':
    case 'date':
      bounds(variable.min, variable.max, 'max');
      if (variable.type === 'date')
        for (const bound of ['min', 'max'] as const) {
          const value = variable[bound];
          const problem = value === undefined ? null : checkValue({ type: 'date', name: '', required: false }, value);
          if (problem) problems.push({ path: [bound], message: problem });
        }
      break;
    case 'select':
      variable.options.forEach((option, index) => refuseBlanks(option, ['options', index]));
      if (new Set(variable.options).size < variable.options.length)
        problems.push({ path: ['options'], message: 'An option is there twice.' });
      break;
    case 'boolean':
      break;
    default:
      variable satisfies never;
  }
  const problem = variable.default === undefined ? null : checkValue(variable, variable.default);
  if (problem !== null) problems.push({ path: ['default'], message: problem });
  return problems;
}
