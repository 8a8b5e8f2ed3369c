import { Form, Link, useNavigation } from '@remix-run/react';
import { useRef, type ReactNode } from 'react';
import { Page } from '~/layout/page.tsx';
import { fill, problemSentence, useWords } from '~/words/words.ts';
import { useAccountName } from '~/rooms/use-account-name.ts';
import type { JoinData } from './join-page.server.ts';

interface JoinPageProps {
  data: JoinData;
  problem: { code: string; message: string } | null | undefined;
}

export function JoinPage({ data: { invitation, name }, problem }: JoinPageProps) {
  const words = useWords();
  const { people, language } = words;
  if (!invitation) return <Frame title={people.over} text={people.overText} />;
  const { title, from, role, expiresAt, messages, people: count, room } = invitation;
  const until = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
  return (
    <Frame title={room ? people.joined : fill(people.joinTitle, { name: from })} text={people.joinTo}>
      <div className="card grid gap-2">
        <p className="text-lg font-medium wrap-anywhere" dir="auto">
          {title}
        </p>
        <p className="text-muted text-sm">{fill(people.joinFacts, { people: count, messages })}</p>
        {!room && (
          <p className="text-sm">
            {people.joinRole[role]}{' '}
            <span className="text-muted">
              {fill(people.joinUntil, { date: `${until.format(new Date(expiresAt))} UTC` })}
            </span>
          </p>
        )}
      </div>
      {problem && (
        <p role="alert" className="notice danger">
          {problemSentence(words, problem)}
        </p>
      )}
      {room ? (
        <p>
          <Link className="button primary" to={`/chat/${room}`}>
            {people.open}
          </Link>
        </p>
      ) : (
        <JoinForm name={name} />
      )}
    </Frame>
  );
}

function JoinForm({ name }: { name: string }) {
  const { people } = useWords();
  const busy = useNavigation().state === 'submitting';
  const field = useRef<HTMLInputElement>(null);
  useAccountName(field);
  return (
    <Form method="post" className="grid gap-2">
      <label htmlFor="join-name" className="font-medium">
        {people.yourName}
      </label>
      <span className="flex gap-2">
        <input
          ref={field}
          id="join-name"
          className="field"
          name="name"
          defaultValue={name}
          required
          maxLength={60}
          dir="auto"
          autoComplete="name"
          aria-describedby="join-name-hint"
        />
        <button className="button primary" disabled={busy}>
          {people.join}
        </button>
      </span>
      <span id="join-name-hint" className="text-muted text-sm">
        {people.yourNameHint}
      </span>
    </Form>
  );
}

export function Frame({ title, text, children }: { title: string; text: string; children?: ReactNode }) {
  const { pages } = useWords();
  return (
    <Page>
      <div className="column grid gap-4 py-8">
        <div className="grid gap-1">
          <h1 className="text-2xl font-semibold tracking-tight text-balance wrap-anywhere" dir="auto">
            {title}
          </h1>
          <p className="text-muted">{text}</p>
        </div>
        {children ?? (
          <p>
            <Link className="button" to="/">
              {pages.home}
            </Link>
          </p>
        )}
      </div>
    </Page>
  );
}
