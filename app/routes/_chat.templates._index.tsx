import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { Form, Link, useActionData, useLoaderData, useSearchParams } from '@remix-run/react';
import { RejoinError } from '../../shared/errors.ts';
import { parseJsonBody, parseRequest } from '../../shared/parse-request.ts';
import { templateImportSchema, type TemplateSummary } from '../../shared/templates/template.ts';
import { pageAction, pageLoader } from '~/http/page-request.server.ts';
import { config } from '~/process/config.server.ts';
import { Page } from '~/layout/page.tsx';
import { pageTitle } from '~/layout/page-title.ts';
import { TemplateNotice } from '~/templates/template-notice.tsx';
import { refusedForm, type TemplateProblem } from '~/templates/template-page.server.ts';
import { placeIn, placeQuery } from '~/templates/template-place.ts';
import { importTemplates, listTemplates } from '~/templates/templates.server.ts';
import { Icon } from '~/ui/icon.tsx';
import { fill, useWords } from '~/words/words.ts';
import { wordsFor } from '~/words/words.server.ts';

export const meta: MetaFunction<typeof loader> = ({ data }) => pageTitle(data?.title);

export function loader(args: LoaderFunctionArgs) {
  return pageLoader(args, async (user) => ({
    templates: await listTemplates(user, wordsFor(args.request).language),
    // 1 KiB of the request is left for what the form adds to the file.
    maxFileBytes: config().maxRequestBytes - 1024,
    title: wordsFor(args.request).templates.title,
  }));
}

/** Imports a file of templates: all of them, or none. */
export function action(args: ActionFunctionArgs) {
  return pageAction(args, async ({ user, form, done }) => {
    try {
      const file = form.get('file');
      const text = file instanceof Blob ? await file.text() : '';
      if (text === '')
        throw new RejoinError('invalid_request', { detail: wordsFor(args.request).templates.chooseFile });
      const exported = jsonIn(text);
      if (!Object.hasOwn(exported, 'rejoinTemplates'))
        throw new RejoinError('invalid_request', { detail: wordsFor(args.request).templates.notTemplates });
      const { created, unchanged } = await importTemplates(user, parseRequest(templateImportSchema, exported));
      return done(`/templates?imported=${created.length}&unchanged=${unchanged}`);
    } catch (error) {
      return refusedForm(error, {});
    }
  });
}

/** The JSON value in a text; an empty object if there is none. */
function jsonIn(text: string): object {
  try {
    return Object(parseJsonBody(text));
  } catch {
    return {};
  }
}

export default function TemplatesPage() {
  const { templates: words } = useWords();
  const { templates, maxFileBytes } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>() as { problem?: TemplateProblem } | undefined;
  const [search] = useSearchParams();
  const query = placeQuery(placeIn(search));
  const of = (origin: TemplateSummary['origin']) => templates.filter((template) => template.origin === origin);
  const imported = Number(search.get('imported') ?? NaN);
  return (
    <Page>
      <div className="column grid gap-5 pb-10">
        <div className="flex flex-wrap items-center justify-between gap-3">
          <h1 className="text-2xl font-semibold tracking-tight">{words.title}</h1>
          <Link className="button" to={`/templates/new${query}`}>
            <Icon name="plus" /> {words.new}
          </Link>
        </div>
        <p className="text-muted">{words.intro}</p>
        {answer?.problem && <TemplateNotice problem={answer.problem} fieldOf={(path) => path} />}
        {Number.isInteger(imported) && !answer?.problem && (
          <p role="status" className="notice">
            {fill(words.imported, { count: imported, unchanged: Number(search.get('unchanged')) })}
          </p>
        )}
        <Group title={words.own} templates={of('own')} query={query} none={words.none} />
        <Group title={words.published} templates={of('published')} query={query} />
        <Group title={words.shipped} templates={of('shipped')} query={query} />
        <Form method="post" encType="multipart/form-data" className="card flex flex-wrap items-center gap-3 text-sm">
          <label className="flex min-w-0 flex-[1_1_14rem] flex-col gap-2 font-medium">
            {words.file}
            <input
              className="file font-normal"
              type="file"
              name="file"
              accept=".json,application/json"
              required
              onChange={({ currentTarget: input }) => {
                const isTooLarge = (input.files?.[0]?.size ?? 0) > maxFileBytes;
                input.setCustomValidity(isTooLarge ? words.fileTooLarge : '');
                input.reportValidity();
              }}
            />
          </label>
          <button className="button">{words.import}</button>
          <a className="button" href="/api/templates/export" download="templates.json">
            {words.export}
          </a>
        </Form>
      </div>
    </Page>
  );
}

interface GroupProps {
  title: string;
  templates: TemplateSummary[];
  /** The query for the links, from {@link placeQuery}. */
  query: string;
  none?: string;
}

function Group({ title, templates, query, none }: GroupProps) {
  if (templates.length === 0 && none === undefined) return null;
  return (
    <section aria-label={title} className="grid gap-2">
      <h2 className="font-semibold">{title}</h2>
      {templates.length === 0 ? (
        <p className="text-muted text-sm">{none}</p>
      ) : (
        <TemplateList {...{ templates, query }} />
      )}
    </section>
  );
}

function TemplateList({ templates, query }: Pick<GroupProps, 'templates' | 'query'>) {
  const { templates: words } = useWords();
  return (
    <ul className="grid gap-2">
      {templates.map(({ id, name, command, description, origin, published }) => (
        <li key={id} className="card flex items-center gap-3">
          <span className="grid min-w-0 flex-1 gap-0.5">
            <Link className="link font-medium wrap-anywhere" to={`/templates/${id}${query}`} dir="auto">
              {name}
            </Link>
            <span className="text-muted text-sm wrap-anywhere">
              <span className="font-mono">/{command}</span>
              {description && <span dir="auto"> · {description}</span>}
              {origin === 'own' && published && <span> · {words.published}</span>}
            </span>
          </span>
          {origin === 'own' && (
            <Link
              className="icon-button"
              to={`/templates/${id}/edit${query}`}
              aria-label={`${words.edit}: ${name}`}
              title={words.edit}
            >
              <Icon name="edit" />
            </Link>
          )}
        </li>
      ))}
    </ul>
  );
}
