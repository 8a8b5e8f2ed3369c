import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { Form, Link, useActionData, useLoaderData, useNavigation, useRouteError } from '@remix-run/react';
import { useEffect, useState } from 'react';
import { RejoinError } from '../../shared/errors.ts';
import { chatRefSchema } from '../../shared/chat/rooms.ts';
import type { TemplateValues } from '../../shared/templates/filling.ts';
import type { User } from '~/auth/auth.server.ts';
import { keptText } from '~/http/forms/kept-text.server.ts';
import { pageAction, pageLoader } from '~/http/page-request.server.ts';
import { ErrorPage } from '~/layout/error-page.tsx';
import { Page } from '~/layout/page.tsx';
import { pageTitle } from '~/layout/page-title.ts';
import { useDraft } from '~/layout/typed/drafts.ts';
import { useForgetSent } from '~/layout/typed/use-forget-sent.ts';
import { valuesIn, valuesInQuery } from '~/templates/blank-values.ts';
import { FillFields } from '~/templates/fill-fields.tsx';
import { TemplateNotice } from '~/templates/template-notice.tsx';
import { refusedForm, startFromTemplate, type TemplateProblem } from '~/templates/template-page.server.ts';
import { placeAfter, placeIn, placeQuery } from '~/templates/template-place.ts';
import { findTemplate, getTemplate } from '~/templates/templates.server.ts';
import { newId } from '~/ui/new-id.ts';
import { useWords } from '~/words/words.ts';

export const meta: MetaFunction<typeof loader> = ({ data }) => pageTitle(data?.template.name);

/** A template as a form: `/templates/review?focus=x`. The query fills blanks and never sends anything. */
export function loader(args: LoaderFunctionArgs) {
  return pageLoader(args, async (user) => {
    const { searchParams } = new URL(args.request.url);
    const template = await findTemplate(user, args.params.templateId ?? '');
    const chat = chatRefSchema.safeParse(searchParams.get('chat'));
    const values = valuesInQuery(searchParams, template.variables);
    const place = { ...placeIn(searchParams), chatId: chat.data ?? null };
    const instructions = keptText(args.request, { person: user.userId }) ?? '';
    return { template, values, place, instructions, fresh: newId() };
  });
}

export function action(args: ActionFunctionArgs) {
  return pageAction(args, async ({ user, form, done }) => {
    const { id, variables } = await findTemplate(user, args.params.templateId ?? '');
    const field = (name: string) => String(form.get(name) ?? '').trim();
    const values = valuesIn(form, variables);
    const name = field('name').slice(0, 100);
    const version = Number(field('version'));
    try {
      if (field('intent') === 'preview') return Response.json({ values, name });
      const template = {
        id,
        values,
        ...(version > 0 ? { version } : {}),
        ...(name ? { name } : {}),
        ...(field('timeZone') ? { timeZone: field('timeZone') } : {}),
      };
      const place = { chatId: field('chatId'), temporary: field('temporary') === '1' };
      const begins = { fresh: field('fresh'), instructions: field('instructions'), ...place };
      return done(await startFromTemplate(user, { ...begins, template }));
    } catch (error) {
      // The template was found above. So either this version of it is gone, and the page shows a newer one, or the chat is gone.
      const isGone =
        error instanceof RejoinError && error.code === 'not_found' && !(await hasVersion(user, id, version));
      if (isGone) return refusedForm(new RejoinError('template_changed'), { values, name });
      return refusedForm(error, { values, name });
    }
  });
}

async function hasVersion(user: User, id: string, version: number): Promise<boolean> {
  return getTemplate(user, id, version > 0 ? version : undefined).then(
    () => true,
    () => false,
  );
}

export default function TemplatePage() {
  const { templates: words, common } = useWords();
  const { template, values, place, instructions, fresh } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>() as
    { problem?: TemplateProblem; values?: TemplateValues; name?: string } | undefined;
  const busy = useNavigation().state !== 'idle';
  const submitted = useForgetSent(useDraft('instructions', 'new'), answer);
  const [timeZone, setTimeZone] = useState('');
  useEffect(() => setTimeZone(Intl.DateTimeFormat().resolvedOptions().timeZone), []);
  const labels = new Map(template.variables.map(({ name, label }) => [name, label || name]));
  return (
    <Page
      back={
        <Link to={`/templates${placeQuery(place)}`} className="link px-2 text-sm">
          {words.title}
        </Link>
      }
    >
      <Form method="post" className="column grid gap-4 pb-10" onSubmit={instructions ? submitted : undefined}>
        <div className="grid gap-1">
          <h1 className="text-2xl font-semibold tracking-tight wrap-anywhere" dir="auto">
            {template.name}
          </h1>
          {template.description && (
            <p className="text-muted" dir="auto">
              {template.description}
            </p>
          )}
        </div>
        {answer?.problem && (
          <TemplateNotice
            problem={answer.problem}
            fieldOf={(path) => labels.get(path.split('.').at(-1) ?? '') ?? path}
          />
        )}
        <input type="hidden" name="fresh" value={fresh} />
        <input type="hidden" name="chatId" value={place.chatId ?? ''} />
        {instructions && <input type="hidden" name="instructions" value={instructions} />}
        {place.temporary && <input type="hidden" name="temporary" value="1" />}
        <input type="hidden" name="version" value={template.version} />
        <input type="hidden" name="timeZone" value={timeZone} />
        <FillFields template={template} values={answer?.values ?? values} name={answer?.name} />
        <p className="flex flex-wrap gap-2">
          <button className="button primary" disabled={busy}>
            {common.send}
          </button>
          <button className="button without-script" name="intent" value="preview" formNoValidate>
            {words.update}
          </button>
          {template.origin === 'own' ? (
            <Link className="button" to={`/templates/${template.id}/edit${placeQuery(place)}`}>
              {words.edit}
            </Link>
          ) : (
            <Link className="button" to={`/templates/new?from=${template.id}${placeAfter(place)}`}>
              {words.copy}
            </Link>
          )}
        </p>
      </Form>
    </Page>
  );
}

export function ErrorBoundary() {
  const { templates, pages } = useWords();
  return (
    <Page isFull>
      <ErrorPage error={useRouteError()} missing={{ title: templates.notFound, text: pages.noChatText }} />
    </Page>
  );
}
