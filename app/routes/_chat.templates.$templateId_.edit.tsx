import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { Form, Link, useActionData, useLoaderData, useSearchParams } from '@remix-run/react';
import { RejoinError } from '../../shared/errors.ts';
import { templateQuerySchema } from '../../shared/templates/template.ts';
import { pageLoader } from '~/http/page-request.server.ts';
import { useLayout } from '~/layout/layout-data.tsx';
import { Page } from '~/layout/page.tsx';
import { pageTitle } from '~/layout/page-title.ts';
import { draftOf } from '~/templates/draft.ts';
import { EditPage } from '~/templates/edit-page.tsx';
import { editAction } from '~/templates/edit-page.server.ts';
import { TemplateNotice } from '~/templates/template-notice.tsx';
import type { TemplateProblem } from '~/templates/template-page.server.ts';
import { getTemplate } from '~/templates/templates.server.ts';
import { fill, useWords } from '~/words/words.ts';

export const meta: MetaFunction<typeof loader> = ({ data }) => pageTitle(data?.template.name);

/** `?version=2`: an earlier version, which becomes the newest one when it is saved. */
export function loader(args: LoaderFunctionArgs) {
  return pageLoader(args, async (user) => {
    const asked = templateQuerySchema.safeParse(Object.fromEntries(new URL(args.request.url).searchParams));
    const template = await getTemplate(user, args.params.templateId ?? '', asked.data?.version);
    if (template.origin !== 'own') throw new RejoinError('not_found');
    return { template };
  });
}

export const action = (args: ActionFunctionArgs) => editAction(args, args.params.templateId ?? '');

export default function EditTemplatePage() {
  const { templates: words } = useWords();
  const { template } = useLoaderData<typeof loader>();
  const [search] = useSearchParams();
  const { id, etag, version } = template;
  if (search.get('confirm') === 'delete') return <ConfirmDelete />;
  return (
    <EditPage key={`${etag}.${version}`} title={words.edit} draft={draftOf(template)} etag={etag} id={id}>
      <Versions />
      <Form method="post" className="flex flex-wrap gap-2">
        <input type="hidden" name="etag" value={etag} />
        <PublishButton />
        <button className="button danger" name="intent" value="delete">
          {words.delete}
        </button>
      </Form>
    </EditPage>
  );
}

function ConfirmDelete() {
  const { templates: words, menu, common } = useWords();
  const answer = useActionData() as { problem?: TemplateProblem } | undefined;
  const { id, name } = useLoaderData<typeof loader>().template;
  return (
    <Page>
      <Form method="post" className="column grid justify-items-start gap-3 pb-10">
        <input type="hidden" name="confirm" value="yes" />
        <h1 className="text-2xl font-semibold tracking-tight wrap-anywhere" dir="auto">
          {fill(menu.deleteTitle, { title: name })}
        </h1>
        {answer?.problem && <TemplateNotice problem={answer.problem} fieldOf={(path) => path} />}
        <p className="text-muted">{words.deleteText}</p>
        <p className="flex flex-wrap gap-2">
          <button className="button danger" name="intent" value="delete">
            {words.delete}
          </button>
          <Link className="button" to={`/templates/${id}/edit`}>
            {common.cancel}
          </Link>
        </p>
      </Form>
    </Page>
  );
}

function PublishButton() {
  const { templates: words } = useWords();
  const { published } = useLoaderData<typeof loader>().template;
  if (!useLayout().isOperator) return null;
  return (
    <button className="button" name="intent" value={published ? 'withdraw' : 'publish'}>
      {published ? words.withdraw : words.publish}
    </button>
  );
}

function Versions() {
  const { templates: words } = useWords();
  const { id, etag, version, live, versions } = useLoaderData<typeof loader>().template;
  if (versions.length < 2) return null;
  return (
    <section aria-label={words.versions} className="card grid gap-3 text-sm">
      <h2 className="font-semibold">{words.versions}</h2>
      <ul className="flex flex-wrap gap-2">
        {versions.toReversed().map((each) => (
          <li key={each}>
            <Link
              className="button"
              to={`/templates/${id}/edit?version=${each}`}
              aria-current={each === version || undefined}
            >
              {fill(each === live ? words.liveVersion : words.version, { number: each })}
            </Link>
          </li>
        ))}
      </ul>
      {version !== live && (
        <Form method="post">
          <input type="hidden" name="etag" value={etag} />
          <input type="hidden" name="version" value={version} />
          <button className="button" name="intent" value="live">
            {fill(words.makeLive, { number: version })}
          </button>
        </Form>
      )}
    </section>
  );
}
