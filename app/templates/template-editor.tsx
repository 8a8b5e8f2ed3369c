import { useId, useRef, useState, type ChangeEvent, type ReactElement, type ReactNode } from 'react';
import { useLayout } from '~/layout/layout-data.tsx';
import { Icon } from '~/ui/icon.tsx';
import { useWords, type Words } from '~/words/words.ts';
import {
  BLANK_TYPES,
  blankField,
  blankNames,
  contentOf,
  draftIn,
  newBlank,
  type BlankDraft,
  type Draft,
} from './draft.ts';
import { FilledText } from './filled-text.tsx';

/**
 * The fields of a template. Each blank in the template's texts gets a row of fields. With JavaScript, the row appears while the
 * person types; without JavaScript, it appears after the next request.
 */
export function TemplateEditor({ draft: initial, onEdited }: { draft: Draft; onEdited: (draft: Draft) => void }) {
  const words = useWords();
  const { templates, menu, composer } = words;
  const { models } = useLayout().models;
  const root = useRef<HTMLDivElement>(null);
  const id = useId();
  const [draft, setDraft] = useState(initial);
  const changed = () => {
    const form = root.current?.closest('form');
    if (!form) return;
    const edited = draftIn(new FormData(form));
    // The row of a removed blank is remembered. If the person types the blank again, it gets this row.
    setDraft((before) => withRows(edited, before));
    onEdited(edited);
  };
  const rows = blankNames(draft).map((name) => draft.blanks.find((blank) => blank.name === name) ?? newBlank(name));
  const { message, variables } = contentOf(draft);
  return (
    <div ref={root} className="grid gap-4" onInput={changed} onChange={changed}>
      <div className="grid gap-4 sm:grid-cols-2">
        <Labelled label={templates.name}>
          <input
            className="field font-normal"
            name="title"
            defaultValue={initial.name}
            required
            maxLength={80}
            dir="auto"
            autoComplete="off"
          />
        </Labelled>
        <Labelled label={templates.command} hint={<Hint id={`${id}command`}>{templates.commandHint}</Hint>}>
          <input
            className="field font-normal"
            name="command"
            defaultValue={initial.command}
            required
            maxLength={33}
            aria-describedby={`${id}command`}
            pattern="/?[A-Za-z0-9][A-Za-z0-9\-]*"
            // If a command does not match the pattern, browsers add this title to their error message.
            title={templates.commandHint}
            autoCapitalize="none"
            autoComplete="off"
            spellCheck={false}
          />
        </Labelled>
      </div>
      <Labelled label={templates.description}>
        <input
          className="field font-normal"
          name="description"
          defaultValue={initial.description}
          maxLength={300}
          dir="auto"
          autoComplete="off"
        />
      </Labelled>
      <Labelled label={templates.message} hint={<Hint id={`${id}message`}>{templates.messageHint}</Hint>}>
        <textarea
          className="field max-h-96 font-normal"
          name="message"
          defaultValue={initial.message}
          required
          aria-describedby={`${id}message`}
          rows={6}
          dir="auto"
        />
      </Labelled>
      {rows.length > 0 && (
        <fieldset className="grid gap-3">
          <legend className="mb-2 font-semibold">{templates.blanks}</legend>
          {rows.map((blank) => (
            <BlankRow key={blank.name} blank={blank} />
          ))}
        </fieldset>
      )}
      <details className="fold text-sm" open={initial.instructions !== '' || initial.modelId !== ''}>
        <summary className="text-muted">
          <Icon name="chevron" size={16} /> {templates.more}
        </summary>
        <div className="mt-2 grid gap-4">
          <Labelled label={menu.instructions}>
            <textarea
              className="field max-h-72 font-normal"
              name="instructions"
              defaultValue={initial.instructions}
              maxLength={32_768}
              rows={3}
              dir="auto"
            />
          </Labelled>
          <Labelled label={composer.model}>
            <select className="button justify-self-start font-normal" name="modelId" defaultValue={initial.modelId}>
              <option value="">{templates.anyModel}</option>
              {models
                .filter(({ id, available }) => available || id === initial.modelId)
                .map(({ id, name }) => (
                  <option key={id} value={id}>
                    {name}
                  </option>
                ))}
            </select>
          </Labelled>
        </div>
      </details>
      <section aria-label={templates.preview}>
        <h2 className="text-muted text-sm">{templates.preview}</h2>
        <FilledText text={message} variables={variables} values={{}} />
      </section>
    </div>
  );
}

function BlankRow({ blank: initial }: { blank: BlankDraft }) {
  const { templates } = useWords();
  const { name } = initial;
  const [type, setType] = useState(initial.type);
  const field = (part: string) => ({
    name: blankField(name, part),
    className: 'field font-normal',
    autoComplete: 'off',
  });
  const kind = type === 'number' || type === 'date' ? type : 'text';
  const bounds = type === 'date' ? 'date' : 'number';
  return (
    <fieldset className="card grid gap-3 text-sm">
      <legend className="px-1 font-mono">{`{{${name}}}`}</legend>
      <div className="grid gap-3 sm:grid-cols-2">
        <Labelled label={templates.type}>
          <select
            className="button font-normal"
            name={blankField(name, 'type')}
            defaultValue={initial.type}
            onChange={(event: ChangeEvent<HTMLSelectElement>) => setType(event.target.value as BlankDraft['type'])}
          >
            {BLANK_TYPES.map((each) => (
              <option key={each} value={each}>
                {templates.types[each]}
              </option>
            ))}
          </select>
        </Labelled>
        <Labelled label={templates.label}>
          <input {...field('label')} defaultValue={initial.label} placeholder={name} maxLength={200} dir="auto" />
        </Labelled>
        {type === 'boolean' ? (
          <label className="flex items-center gap-2 font-medium">
            <input
              type="checkbox"
              name={blankField(name, 'default')}
              value="true"
              defaultChecked={initial.default === 'true'}
            />
            {templates.ticked}
          </label>
        ) : (
          <Labelled label={templates.default}>
            {type === 'textarea' ? (
              <textarea {...field('default')} defaultValue={initial.default} rows={1} dir="auto" />
            ) : (
              <input
                key={kind}
                {...field('default')}
                type={kind}
                step="any"
                defaultValue={initial.default}
                dir="auto"
              />
            )}
          </Labelled>
        )}
        {type !== 'boolean' && (
          <label className="flex items-center gap-2 font-medium">
            <input type="checkbox" name={blankField(name, 'required')} defaultChecked={initial.required} />
            {templates.isRequired}
          </label>
        )}
        {type === 'select' && (
          <Labelled label={templates.options}>
            <textarea {...field('options')} defaultValue={initial.options} rows={3} dir="auto" />
          </Labelled>
        )}
        {type !== 'boolean' && type !== 'select' && (
          <>
            <Labelled label={kind === 'text' ? templates.leastLength : templates.least}>
              <input key={bounds} {...field('least')} type={bounds} step="any" defaultValue={initial.least} />
            </Labelled>
            <Labelled label={kind === 'text' ? templates.mostLength : templates.most}>
              <input key={bounds} {...field('most')} type={bounds} step="any" defaultValue={initial.most} />
            </Labelled>
          </>
        )}
      </div>
    </fieldset>
  );
}

function Labelled({ label, hint, children }: { label: string; hint?: ReactElement; children: ReactNode }) {
  return (
    <div className="grid content-start gap-1 text-sm">
      <label className="grid gap-1 font-medium">
        {label}
        {children}
      </label>
      {hint}
    </div>
  );
}

/** A sentence below a field. The `aria-describedby` of the field contains the sentence's `id`. */
function Hint({ id, children }: { id: string; children: string }) {
  return (
    <span id={id} className="text-muted text-xs">
      {children}
    </span>
  );
}

const withRows = (draft: Draft, before: Draft): Draft => {
  const here = new Set(draft.blanks.map(({ name }) => name));
  return { ...draft, blanks: [...draft.blanks, ...before.blanks.filter(({ name }) => !here.has(name))] };
};

/** Returns the editor's name for the field at this path: for `variables.0.default`, for example, `{{focus}}, Default`. */
export function fieldOf(path: string, draft: Draft, { templates, menu, composer }: Words): string {
  const [first = '', index, part = ''] = path.split('.');
  const labels = new Map(
    Object.entries({
      name: templates.name,
      command: templates.command,
      description: templates.description,
      message: templates.message,
      instructions: menu.instructions,
      modelId: composer.model,
      type: templates.type,
      label: templates.label,
      default: templates.default,
      options: templates.options,
      min: templates.least,
      max: templates.most,
      minLength: templates.leastLength,
      maxLength: templates.mostLength,
    }),
  );
  if (first !== 'variables') return labels.get(first) ?? path;
  const name = blankNames(draft)[Number(index)];
  if (name === undefined) return path;
  return [`{{${name}}}`, labels.get(part) ?? part].filter((each) => each !== '').join(', ');
}
