import { useId, useRef, useState } from 'react';
import { blanksIn } from '../../shared/templates/blanks.ts';
import type { TemplateContent, Variable } from '../../shared/templates/content.ts';
import type { TemplateValues } from '../../shared/templates/filling.ts';
import { Icon } from '~/ui/icon.tsx';
import { useWords } from '~/words/words.ts';
import { fieldName, valuesIn } from './blank-values.ts';
import { FilledText } from './filled-text.tsx';

interface FillFieldsProps {
  template: Pick<TemplateContent, 'message' | 'instructions' | 'variables'>;
  values: TemplateValues;
  name?: string;
}

/** The blanks of a template as the fields of a form, and a preview of the filled text. */
export function FillFields({ template, values, name = '' }: FillFieldsProps) {
  const { templates } = useWords();
  const { message, instructions, variables } = template;
  const [shown, setShown] = useState(values);
  const fields = useRef<HTMLDivElement>(null);
  const id = useId();
  const asksName = blanksIn(message, instructions).includes('name');
  const changed = () => {
    const form = fields.current?.closest('form');
    if (form) setShown(valuesIn(new FormData(form), variables));
  };
  return (
    <div ref={fields} className="grid gap-3" onInput={changed} onChange={changed}>
      {variables.map((variable) => (
        <BlankField
          key={variable.name}
          id={`${id}${variable.name}`}
          variable={variable}
          value={Object.hasOwn(values, variable.name) ? values[variable.name] : undefined}
        />
      ))}
      {asksName && (
        <label className="grid gap-1 text-sm font-medium">
          {templates.yourName}
          <input
            className="field font-normal"
            name="name"
            defaultValue={name}
            maxLength={100}
            autoComplete="given-name"
            dir="auto"
          />
        </label>
      )}
      <details className="fold text-sm" open>
        <summary className="text-muted">
          <Icon name="chevron" size={16} /> {templates.preview}
        </summary>
        <FilledText text={message} variables={variables} values={shown} />
      </details>
    </div>
  );
}

/** The field for one blank. The label stands above the field, or after it if the field is a checkbox. */
function BlankField({
  id,
  variable,
  value,
}: {
  id: string;
  variable: Variable;
  value: TemplateValues[string] | undefined;
}) {
  const { templates } = useWords();
  const label = variable.label || variable.name;
  if (variable.type === 'boolean') {
    const isTicked = value === undefined ? (variable.default ?? false) : value === true || value === 'true';
    return (
      <label className="flex items-center gap-2 text-sm font-medium">
        <input type="checkbox" name={fieldName(variable.name)} value="true" defaultChecked={isTicked} /> {label}
      </label>
    );
  }
  return (
    <div className="grid gap-1">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
        {variable.required && <span className="text-muted font-normal"> · {templates.required}</span>}
      </label>
      <Control id={id} variable={variable} value={String(value ?? variable.default ?? '')} />
    </div>
  );
}

type Entered = Exclude<Variable, { type: 'boolean' }>;

function Control({ id, variable, value }: { id: string; variable: Entered; value: string }) {
  const { templates } = useWords();
  const common = {
    id,
    name: fieldName(variable.name),
    className: 'field',
    required: variable.required,
    defaultValue: value,
  };
  switch (variable.type) {
    case 'text': {
      const { minLength, maxLength } = variable;
      return <input {...common} {...{ minLength, maxLength }} dir="auto" autoComplete="off" />;
    }
    case 'textarea': {
      const { minLength, maxLength } = variable;
      return <textarea {...common} {...{ minLength, maxLength }} className="field max-h-72" rows={4} dir="auto" />;
    }
    case 'number':
      return <input {...common} type="number" step="any" min={variable.min} max={variable.max} inputMode="decimal" />;
    case 'date':
      return <input {...common} type="date" min={variable.min} max={variable.max} />;
    case 'select':
      return (
        <select {...common} className="button">
          {(!variable.required || value === '') && <option value="">{templates.choose}</option>}
          {variable.options.map((option) => (
            <option key={option}>{option}</option>
          ))}
        </select>
      );
    default:
      return variable satisfies never;
  }
}
