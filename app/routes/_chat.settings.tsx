import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { Form, Link, useActionData, useLoaderData } from '@remix-run/react';
import type { ReactNode } from 'react';
import type { ModelInfo } from '../../shared/chat/chat.ts';
import { RejoinError } from '../../shared/errors.ts';
import { localPath } from '~/http/local-path.server.ts';
import { pageAction, pageLoader } from '~/http/page-request.server.ts';
import { deleteAllChats } from '~/sidecar-client/sidecar.server.ts';
import { forgetChats } from '~/layout/kept-chats.ts';
import { useLayout } from '~/layout/layout-data.tsx';
import { Page } from '~/layout/page.tsx';
import { pageTitle } from '~/layout/page-title.ts';
import { ThemeSwitch } from '~/layout/sidebar/theme-switch.tsx';
import { problemSentence, useWords } from '~/words/words.ts';
import { chosenLanguage, isLanguage, LANGUAGES, wordsFor } from '~/words/words.server.ts';

export const meta: MetaFunction<typeof loader> = ({ data }) => pageTitle(data?.title);

const YEAR_SECONDS = 365 * 24 * 60 * 60;

export function loader(args: LoaderFunctionArgs) {
  return pageLoader(args, async () => ({
    title: wordsFor(args.request).settings.title,
    language: chosenLanguage(args.request),
    languages: LANGUAGES.map(({ language, languageName }) => ({ language, languageName })),
  }));
}

export function action(args: ActionFunctionArgs) {
  return pageAction(args, async ({ user, form, done }) => {
    switch (form.get('intent')) {
      case 'theme': {
        const theme = String(form.get('theme'));
        const kept = theme === 'light' || theme === 'dark' ? theme : null;
        return withCookie(done(localPath(form.get('returnTo'))), 'theme', kept);
      }
      case 'language': {
        const language = String(form.get('language'));
        return withCookie(done('/settings'), 'language', isLanguage(language) ? language : null);
      }
      case 'delete-all': {
        if (form.get('confirm') !== 'yes')
          throw new RejoinError('invalid_request', { detail: wordsFor(args.request).settings.confirmFirst });
        await deleteAllChats(user);
        return done('/');
      }
      default:
        throw new RejoinError('invalid_request');
    }
  });
}

/** `value`: `null` removes the cookie. */
function withCookie(response: Response, name: string, value: string | null): Response {
  const kept = value === null ? `${name}=; Max-Age=0` : `${name}=${value}; Max-Age=${YEAR_SECONDS}`;
  response.headers.append('Set-Cookie', `${kept}; Path=/; SameSite=Lax`);
  return response;
}

export default function SettingsPage() {
  const words = useWords();
  const { settings } = words;
  const { isOperator } = useLayout();
  const problem = useActionData<typeof action>();
  return (
    <Page>
      <div className="column grid gap-5 pb-10">
        <h1 className="text-2xl font-semibold tracking-tight">{settings.title}</h1>
        {problem && (
          <p role="alert" className="notice danger">
            {problemSentence(words, problem)}
          </p>
        )}
        <Section id="appearance" title={settings.appearance}>
          <ThemeSwitch />
        </Section>
        <LanguageChoice />
        {isOperator && (
          <Section id="administration" title={settings.administration}>
            <Link className="link" to="/admin">
              {settings.adminLink}
            </Link>
          </Section>
        )}
        {isOperator && <MissingModels />}
        <Section id="data" title={settings.data}>
          <Link className="link" to="/archive">
            {settings.archived}
          </Link>
          <Link className="link" to="/settings/shares">
            {settings.shares}
          </Link>
          <a className="link" href="/export" download>
            {settings.exportAll}
          </a>
          <Form method="post" className="grid justify-items-start gap-3" onSubmit={forgetChats}>
            <label className="flex items-center gap-2 text-sm">
              <input type="checkbox" name="confirm" value="yes" required />
              {settings.deleteAllLabel}
            </label>
            <button className="button danger" name="intent" value="delete-all">
              {settings.deleteAll}
            </button>
          </Form>
        </Section>
      </div>
    </Page>
  );
}

function Section({ id, title, children }: { id: string; title: string; children: ReactNode }) {
  return (
    <section id={id} aria-labelledby={`${id}-title`} className="card grid justify-items-start gap-3">
      <h2 id={`${id}-title`} className="font-semibold">
        {title}
      </h2>
      {children}
    </section>
  );
}

/** The form loads the whole page again, because a page contains the words of only one language. */
function LanguageChoice() {
  const { settings, common } = useWords();
  const { language, languages } = useLoaderData<typeof loader>();
  return (
    <Section id="language" title={settings.language}>
      <Form method="post" reloadDocument className="flex flex-wrap gap-2">
        <select className="button" name="language" aria-labelledby="language-title" defaultValue={language}>
          <option value="">{settings.browserLanguage}</option>
          {languages.map((each) => (
            <option key={each.language} value={each.language} lang={each.language}>
              {each.languageName}
            </option>
          ))}
        </select>
        <input type="hidden" name="intent" value="language" />
        {/* Choosing a language does not send the form, because with the arrow keys a person passes other languages first. */}
        <button className="button">{common.save}</button>
      </Form>
    </Section>
  );
}

/** How to configure the models that cannot be used yet. */
function MissingModels() {
  const { settings } = useWords();
  const missing = useLayout().models.models.filter(({ available }) => !available);
  if (missing.length === 0) return null;
  return (
    <Section id="models" title={settings.models}>
      <p className="text-muted text-sm">{settings.modelsText}</p>
      <ul className="grid gap-2 text-sm">
        {groupByReason(missing).map(([reason, models]) => (
          <li key={reason}>
            <span className="font-medium">{models.map(({ name }) => name).join(', ')}</span>
            <span className="text-muted block">{reason}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function groupByReason(models: readonly ModelInfo[]): [reason: string, models: ModelInfo[]][] {
  const groups = new Map<string, ModelInfo[]>();
  for (const model of models) groups.set(model.reason ?? '', [...(groups.get(model.reason ?? '') ?? []), model]);
  return [...groups];
}
