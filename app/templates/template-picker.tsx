import { useEffect, useId, useRef, useState, type FormEvent } from 'react';
import { builtInsOf, fillTemplate } from '../../shared/templates/fill-template.ts';
import type { TemplateUse, TemplateValues } from '../../shared/templates/filling.ts';
import type { Template, TemplateSummary } from '../../shared/templates/template.ts';
import { errorOfResponse, StreamError } from '~/hooks/stream-error.ts';
import { useLayout } from '~/layout/layout-data.tsx';
import type { Drafts } from '~/layout/typed/drafts.ts';
import { useMessageLimit } from '~/layout/typed/message-limit.tsx';
import { getJson } from '~/ui/get-json.ts';
import { Icon } from '~/ui/icon.tsx';
import { isEnter, pressEnter } from '~/ui/browser/enter-key.ts';
import { useWords } from '~/words/words.ts';
import { valuesIn } from './blank-values.ts';
import { FillFields } from './fill-fields.tsx';
import { issueSentence } from './issue-sentence.ts';
import { placeQuery, type TemplatePlace } from './template-place.ts';

/** A template with filled blanks. `use`: what is sent to the sidecar. `text`: the filled text. */
export interface PickedTemplate {
  use: TemplateUse;
  text: string;
  modelId: string | undefined;
}

export interface TemplatePickerProps {
  /** The field of the composer. */
  field: HTMLTextAreaElement;
  /** What was typed after "/"; `null` if the field has no such text. */
  typed: string | null;
  /** `current`: true if Enter was pressed before the list was loaded. */
  isEntered: { current: boolean };
  /** The chat in which the template is used. */
  place: TemplatePlace;
  /** The id of the template whose form is open. */
  openId: string | null;
  /** By template id: what was typed into the blanks, and not sent. */
  blanks: Drafts;
  /** Another question is being sent, so nothing can be sent now. */
  isBusy: boolean;
  /** Called with `true` when the form of a chosen template takes the place of the field, and with `false` when the form is gone. */
  onOpen: (isOpen: boolean) => void;
  onChoose: (templateId: string) => void;
  /** The list or the form was closed, and the person goes on in the field. */
  onClose: () => void;
  /** The open template does not exist any more. `text`: what was typed into its blanks. */
  onLost: (text: string) => void;
  onSend: (picked: PickedTemplate) => Promise<boolean>;
}

/** Offers templates after a person types "/" in the composer. A form for the chosen template then replaces the composer's field. */
export function TemplatePicker(props: TemplatePickerProps) {
  const { field, typed, isEntered, openId, blanks, onChoose, onClose, onLost } = props;
  const { errors } = useWords();
  const [template, setTemplate] = useState<Template | null>(null);
  const [hasFailed, setHasFailed] = useState(false);
  const choose = async ({ id }: TemplateSummary) => {
    try {
      setTemplate(await readTemplate(id));
      onChoose(id);
    } catch {
      setHasFailed(true);
    }
  };
  const lost = useRef((_id: string) => {});
  lost.current = (id) => {
    const texts = Object.values(keptValues(blanks.get(id)).values).filter((value) => typeof value === 'string');
    blanks.delete(id);
    onLost(texts.join('\n').trim());
  };
  const isLoaded = template?.id === openId;
  useEffect(() => {
    // The form was open when the person left the page.
    if (openId === null || isLoaded) return;
    let isCurrent = true;
    readTemplate(openId).then(
      (opened) => isCurrent && setTemplate(opened),
      (thrown: unknown) => {
        if (!isCurrent) return;
        if (thrown instanceof StreamError && thrown.code === 'not_found') lost.current(openId);
        else setHasFailed(true);
      },
    );
    return () => void (isCurrent = false);
  }, [openId, isLoaded]);
  if (template && isLoaded) return <FillForm key={template.id} {...props} template={template} />;
  return (
    <>
      {hasFailed && <p className="notice danger mb-2">{errors.network_error}</p>}
      {typed !== null && (
        <Choices
          field={field}
          typed={typed}
          isEntered={isEntered}
          onChoose={(summary) => void choose(summary)}
          onClose={onClose}
        />
      )}
    </>
  );
}

async function read<Answer>(path: string): Promise<Answer> {
  const response = await getJson(path);
  if (!response.ok) throw await errorOfResponse(response);
  return (await response.json()) as Answer;
}

const readTemplate = (id: string) => read<Template>(`/api/templates/${encodeURIComponent(id)}`);

interface ChoicesProps extends Pick<TemplatePickerProps, 'field' | 'isEntered'> {
  typed: string;
  onChoose: (template: TemplateSummary) => void;
  onClose: () => void;
}

/** The list above the field. The focus stays in the field, and the arrow keys move through the list. */
function Choices({ field, typed, isEntered, onChoose, onClose }: ChoicesProps) {
  const { templates: words, errors } = useWords();
  const [templates, setTemplates] = useState<TemplateSummary[] | null>(null);
  const [problem, setProblem] = useState(false);
  const [at, setAt] = useState(0);
  const id = useId();
  useEffect(() => {
    read<{ templates: TemplateSummary[] }>('/api/templates').then(
      (answer) => setTemplates(answer.templates),
      () => setProblem(true),
    );
  }, []);
  const query = typed.trim().toLowerCase();
  const found = (templates ?? []).filter(
    ({ name, command }) => command.startsWith(query) || (query !== '' && name.toLowerCase().includes(query)),
  );
  const current = Math.min(at, found.length - 1);
  useEffect(() => setAt(0), [query]);
  const isLoading = templates === null && !problem;

  useEffect(() => {
    if (isLoading || !isEntered.current) return;
    isEntered.current = false;
    if (found[0]) onChoose(found[0]);
    else pressEnter(field);
  });
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.isComposing || event.shiftKey || (found.length === 0 && !isLoading)) return;
      const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (isLoading) {
        if (!isEnter(event)) return;
        isEntered.current = true;
      } else if (move !== undefined) setAt((current + move + found.length) % found.length);
      else if (event.key === 'Enter' || event.key === 'Tab') onChoose(found[current]!);
      else if (event.key === 'Escape') onClose();
      else return;
      // The composer must not handle this key as well: on Enter it would send the text, and on Escape stop the answer.
      event.preventDefault();
      event.stopPropagation();
    };
    field.addEventListener('keydown', pressed);
    return () => field.removeEventListener('keydown', pressed);
  });
  useEffect(() => {
    const attributes = { 'aria-autocomplete': 'list', 'aria-controls': id, 'aria-activedescendant': `${id}${current}` };
    for (const [name, value] of Object.entries(attributes)) field.setAttribute(name, value);
    document.getElementById(`${id}${current}`)?.scrollIntoView({ block: 'nearest' });
    return () => {
      for (const name of Object.keys(attributes)) field.removeAttribute(name);
    };
  }, [field, id, current]);

  if (problem) return <p className="notice danger mb-2">{errors.network_error}</p>;
  if (templates === null || (found.length === 0 && query.includes(' '))) return null;
  return (
    <div className="menu absolute inset-x-4 bottom-full z-30 mb-1 max-h-[50dvh] overflow-y-auto">
      <ul id={id} role="listbox" aria-label={words.title}>
        {found.map((template, index) => (
          <li
            key={template.origin + template.id}
            id={`${id}${index}`}
            role="option"
            aria-selected={index === current}
            className={`menu-item h-auto py-1.5 ${index === current ? 'bg-hover' : ''}`}
            // Without this, the field would lose the focus.
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => onChoose(template)}
          >
            <span className="grid min-w-0">
              <span className="wrap-anywhere" dir="auto">
                {template.name} <span className="text-muted font-mono text-xs">/{template.command}</span>
              </span>
              <span className="text-muted truncate text-xs" dir="auto">
                {template.description}
              </span>
            </span>
          </li>
        ))}
      </ul>
      {found.length === 0 && <p className="text-muted px-3 py-2 text-sm">{words.nothing}</p>}
    </div>
  );
}

/**
 * The form for the blanks of a template. It sends the template's id and the values, and the sidecar fills the template. The form
 * fills the template too, to check the values and to show the question.
 */
function FillForm(props: TemplatePickerProps & { template: Template }) {
  const { field, template, place, blanks, isBusy, onOpen, onClose, onSend } = props;
  const allWords = useWords();
  const { common, templates: words } = allWords;
  const { userId } = useLayout();
  const form = useRef<HTMLFormElement>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [isSending, setIsSending] = useState(false);
  const limit = useMessageLimit();
  const [kept] = useState(() => keptValues(blanks.get(template.id)));
  useEffect(() => {
    onOpen(true);
    // If the form opens again after a reload, the focus may be elsewhere, for example in the search.
    if (document.activeElement === field) {
      const first = form.current?.querySelector<HTMLElement>('input, textarea, select, .primary');
      first?.focus();
      // What the person types replaces a suggested text.
      const isText = first instanceof HTMLInputElement || first instanceof HTMLTextAreaElement;
      if (isText && kept === NOTHING_KEPT) first.select();
    }
    return () => onOpen(false);
  }, [field, kept, onOpen]);

  const leave = () => {
    blanks.delete(template.id);
    onClose();
  };
  const typed = (event: FormEvent<HTMLFormElement>) => {
    const data = new FormData(event.currentTarget);
    const name = String(data.get('name') ?? '');
    blanks.set(template.id, JSON.stringify({ values: valuesIn(data, template.variables), name } satisfies Kept));
  };
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    const { submitter } = event.nativeEvent as SubmitEvent;
    if ((submitter as HTMLButtonElement | null)?.name === 'template') return; // the browser opens the page of the template
    event.preventDefault();
    if (isBusy || isSending) return;
    const data = new FormData(event.currentTarget);
    const values = valuesIn(data, template.variables);
    const name = String(data.get('name') ?? '').trim();
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    const filling = { timeZone, ...(name ? { name } : {}) };
    const fallbackName = userId.startsWith('guest_') ? 'Guest' : userId;
    const { filled, problems } = fillTemplate(template, {
      values,
      builtIns: builtInsOf(filling, { now: new Date(), fallbackName }),
    });
    if (problems)
      return setProblem(
        problems
          .map(({ path, message }) => `${labelOf(template, path.at(-1))}: ${issueSentence(allWords, message)}`)
          .join(' '),
      );
    setIsSending(true);
    const { id, version, modelId } = template;
    const isSent = await onSend({ use: { id, version, values, ...filling }, text: filled.message, modelId });
    setIsSending(false);
    if (isSent) leave();
  };
  const pressed = (event: React.KeyboardEvent<HTMLFormElement>) => {
    if (isEnter(event.nativeEvent) && event.target instanceof HTMLInputElement) {
      // By default, Enter presses the form's first submit button. In a new chat, this is the button of an example question.
      event.preventDefault();
      return event.currentTarget.requestSubmit();
    }
    if (event.key !== 'Escape' || event.nativeEvent.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    leave();
  };
  return (
    <form
      ref={form}
      id="composer"
      className="composer grid max-h-[70dvh] gap-3 overflow-y-auto p-4"
      aria-label={template.name}
      onSubmit={(event) => void submit(event)}
      onKeyDown={pressed}
      onInput={typed}
      onPaste={limit.onPaste}
      onDrop={limit.onDrop}
    >
      <div className="flex items-center justify-between gap-2">
        <h2 className="font-semibold wrap-anywhere" dir="auto">
          {template.name}
        </h2>
        <button type="button" className="icon-button" aria-label={common.cancel} onClick={leave}>
          <Icon name="close" />
        </button>
      </div>
      {limit.notice}
      {problem && (
        <p role="alert" className="notice danger">
          {problem}
        </p>
      )}
      {place.temporary && <input type="hidden" name="temporary" value="1" />}
      <FillFields template={template} {...kept} />
      <p className="flex flex-wrap gap-2">
        <button className="button primary" aria-disabled={isBusy || isSending}>
          {common.send}
        </button>
        {place.chatId === null ? (
          // A button, because a link could not send the instructions for the new chat. The field of the instructions is outside this
          // form, but has `form="composer"`, so the button sends this field, too.
          <button
            className="button"
            formMethod="post"
            formAction="/?index"
            formNoValidate
            name="template"
            value={template.id}
          >
            {words.title}
          </button>
        ) : (
          <a className="button" href={`/templates/${template.id}${placeQuery(place)}`}>
            {words.title}
          </a>
        )}
      </p>
    </form>
  );
}

interface Kept {
  values: TemplateValues;
  name: string;
}

const NOTHING_KEPT: Kept = { values: {}, name: '' };

/** What was typed into the form before. {@link NOTHING_KEPT} if nothing is stored, or if the stored text is not JSON. */
function keptValues(stored: string | undefined): Kept {
  if (stored === undefined) return NOTHING_KEPT;
  try {
    const { values = {}, name = '' } = JSON.parse(stored) as Partial<Kept>;
    return { values, name };
  } catch {
    return NOTHING_KEPT;
  }
}

const labelOf = ({ variables }: Template, field: string | number | undefined): string =>
  variables.find(({ name }) => name === field)?.label || String(field);
