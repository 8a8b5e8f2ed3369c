import { Form, Link, useActionData, useNavigation, useSearchParams } from '@remix-run/react';
import type { ReactNode } from 'react';
import { Page } from '~/layout/page.tsx';
import { useWords } from '~/words/words.ts';
import type { Draft } from './draft.ts';
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

export function EditPage({ title, draft: read, etag, id, children }: EditPageProps) {
  const allWords = useWords();
  const { templates: words, common } = allWords;
  const answer = useActionData() as { problem?: TemplateProblem; draft?: Draft; etag?: string } | undefined;
  const busy = useNavigation().state !== 'idle';
  const draft = answer?.draft ?? read;
  const [search] = useSearchParams();
  const query = placeQuery(placeIn(search));
  return (
    <Page
      back={
        <Link to={`/templates${query}`} className="link px-2 text-sm">
          {words.title}
        </Link>
      }
    >
      <div className="column grid gap-6 pb-10">
        <Form method="post" className="grid gap-4">
          <h1 className="text-2xl font-semibold tracking-tight">{title}</h1>
          {answer?.problem && (
            <>
              <TemplateNotice problem={answer.problem} fieldOf={(path) => fieldOf(path, draft, allWords)} />
              {answer.problem.code === 'template_changed' && (
                <p>
                  <a className="link" href="">
                    {words.reload}
                  </a>
                </p>
              )}
            </>
          )}
          <input type="hidden" name="etag" value={answer?.etag ?? etag} />
          <TemplateEditor draft={draft} />
          <p className="flex flex-wrap gap-2">
            <button className="button primary" name="intent" value="save" disabled={busy}>
              {common.save}
            </button>
            <button className="button without-script" name="intent" value="preview" formNoValidate>
              {words.update}
            </button>
            <Link className="button" to={`/templates${id === null ? '' : `/${id}`}${query}`}>
              {common.cancel}
            </Link>
          </p>
        </Form>
        {children}
      </div>
    </Page>
  );
}
