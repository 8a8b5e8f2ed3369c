import type { Invite } from '../../../shared/chat/rooms.ts';
import { fill, useWords } from '~/words/words.ts';
import { ActionForm, type Forms } from '~/ui/action-form.tsx';

export function InviteList({ invites, forms }: { invites: Invite[]; forms: Forms }) {
  const { people, language } = useWords();
  const dates = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });
  const date = (text: string) => `${dates.format(new Date(text))} UTC`;
  return (
    <section className="grid gap-2" aria-labelledby="invites-title">
      <div className="flex flex-wrap items-center gap-2">
        <h2 id="invites-title" className="flex-1 font-medium">
          {people.invites}
        </h2>
        {invites.length > 1 && (
          <ActionForm forms={forms} intent="revoke-all">
            <button className="button" aria-disabled={forms.busy}>
              {people.revokeAll}
            </button>
          </ActionForm>
        )}
      </div>
      <ul className="grid gap-2">
        {invites.map(({ inviteId, role, uses, maxUses, expiresAt, createdAt }) => (
          <li key={inviteId} className="flex flex-wrap items-center gap-2 text-sm">
            <span className="min-w-0 flex-1">
              {fill(people.inviteLine, { role: people.roles[role], uses, max: maxUses, date: date(expiresAt) })}
            </span>
            <ActionForm forms={forms} intent="revoke" fields={{ inviteId }}>
              <button
                className="button"
                aria-disabled={forms.busy}
                aria-label={fill(people.revokeOf, { date: date(createdAt) })}
              >
                {people.revoke}
              </button>
            </ActionForm>
          </li>
        ))}
      </ul>
    </section>
  );
}
