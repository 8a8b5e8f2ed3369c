import { Form, Link, useActionData, useNavigation, useSearchParams } from '@remix-run/react';
import { useState, type ReactNode } from 'react';
import { useBrowserLayoutEffect } from '~/hooks/use-browser-layout-effect.ts';
import { Page } from '~/layout/page.tsx';
import { useDraft } from '~/layout/typed/drafts.ts';
import { useForgetSent } from '~/layout/typed/use-forget-sent.ts';
import { useWords } from '~/words/words.ts';
import { editedIn, type Draft, type Edited } from './draft.ts';
import { fieldOf, TemplateEditor } from './template-editor.tsx';
import { TemplateNotice } from './template-notice.tsx';
import type { TemplateProblem } from './template-page.server.ts';
import { placeIn, placeQuery } from './template-place.ts';

interface EditPageProps {
  title: string;
  draft: Draft;
  /** The etag of the template as it was loaded; empty for a new one. */
  etag: string;
  /** The template's id; `null` for a new one. */
  id: string | null;
  children?: ReactNode;
}

/** The editor of a template as a page. What was typed and not saved is there again after a reload. */
export function EditPage({ title, draft: read, etag, id, children }: EditPageProps) {
  const allWords = useWords();
  const { templates: words, common } = allWords;
  const answer = useActionData() as { problem?: TemplateProblem; draft?: Draft; etag?: string } | undefined;
  const busy = useNavigation().state !== 'idle';
  const [search] = useSearchParams();
  const query = placeQuery(placeIn(search));
  // Each version of a template, and each copy of another template, has unsaved fields of its own.
  const kept = useDraft('template', `${id ?? 'new'}.${search.get('version') ?? search.get('from') ?? ''}`);
  const [reopened, setReopened] = useState<Edited | null>(null);
  useBrowserLayoutEffect(() => setReopened(editedIn(kept.read())), [kept]);
  const draft = answer?.draft ?? reopened?.draft ?? read;
  const sentEtag = answer?.etag ?? reopened?.etag ?? etag;
  const submitted = useForgetSent(kept, answer);
  return (
    <Page
      back={
        <Link to={`/templates${query}`} className="link px-2 text-sm">
          {words.title}
        </Link>
      }
    >
      <div className="column grid gap-6 pb-10">
        <Form method="post" className="grid gap-4" onSubmit={submitted}>
          <h1 className="text-2xl font-semibold tracking-tight">{title}</h1>
          {answer?.problem && (
            <>
              <TemplateNotice problem={answer.problem} fieldOf={(path) => fieldOf(path, draft, allWords)} />
              {answer.problem.code === 'template_changed' && (
                <p>
                  <a className="link" href="" onClick={() => kept.keep('')}>
                    {words.reload}
                  </a>
                </p>
              )}
            </>
          )}
          <input type="hidden" name="etag" value={sentEtag} />
          <TemplateEditor
            // The unsaved fields are read after the first render, but a form field takes its default value only when it is created. So a
            // new key makes React create the form fields again.
            key={reopened ? 'reopened' : 'loaded'}
            draft={draft}
            onEdited={(edited) => kept.keep(JSON.stringify({ etag: sentEtag, draft: edited } satisfies Edited))}
          />
          <p className="flex flex-wrap gap-2">
            <button className="button primary" name="intent" value="save" disabled={busy}>
              {common.save}
            </button>
            <button className="button without-script" name="intent" value="preview" formNoValidate>
              {words.update}
            </button>
            <Link
              className="button"
              to={`/templates${id === null ? '' : `/${id}`}${query}`}
              onClick={() => kept.keep('')}
            >
              {common.cancel}
            </Link>
          </p>
        </Form>
        {children}
      </div>
    </Page>
  );
}
