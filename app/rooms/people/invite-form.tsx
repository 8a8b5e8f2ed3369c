import { useEffect, useRef } from 'react';
import { useLayout } from '~/layout/layout-data.tsx';
import { CopyButton } from '~/ui/copy-button.tsx';
import { fill, useWords } from '~/words/words.ts';
import { useAccountName } from '~/rooms/use-account-name.ts';
import { ActionForm, type Forms } from '~/ui/action-form.tsx';
import type { PeopleData } from './people-page.server.ts';

const HOUR_SECONDS = 3600;
const EXPIRES = [
  ['hour', HOUR_SECONDS],
  ['day', 24 * HOUR_SECONDS],
  ['week', 7 * 24 * HOUR_SECONDS],
  ['month', 30 * 24 * HOUR_SECONDS],
] as const;

interface InviteFormProps {
  data: PeopleData;
  forms: Forms;
  /** The URL of the invite that was just made. `null`: no invite was just made, or the invite cannot be used any more. */
  address: string | null;
  /** Scrolls to this form and focuses its first field. */
  startsWithInvite: boolean;
}

/** Makes an invite, or forks the chat so that people are invited to the fork instead. */
export function InviteForm({ data, forms, address, startsWithInvite }: InviteFormProps) {
  const { people } = useWords();
  const { messageCount, leafId, fresh, askedName } = data;
  const { guestsOnlyRead } = useLayout();
  const section = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!startsWithInvite) return;
    section.current?.scrollIntoView();
    section.current?.querySelector<HTMLElement>('input:not([type=hidden]), select')?.focus({ preventScroll: true });
  }, [startsWithInvite]);
  return (
    <section ref={section} id="invite" className="grid gap-3" aria-labelledby="invite-title">
      <h2 id="invite-title" className="font-medium">
        {people.invite}
      </h2>
      <div className="notice flex flex-wrap items-center gap-2">
        <p className="min-w-0 flex-[1_1_14rem]">
          {messageCount > 0 ? fill(people.inviteText, { count: messageCount }) : people.inviteEmpty}
        </p>
        {leafId !== null && (
          <ActionForm forms={forms} intent="branch" fields={{ messageId: leafId, fresh }}>
            <button className="button" aria-disabled={forms.busy} title={people.branchInsteadText}>
              {people.branchInstead}
            </button>
          </ActionForm>
        )}
      </div>
      <ActionForm forms={forms} intent="invite" fields={{ once: '1' }} className="grid gap-3">
        {askedName !== null && <OwnerName name={askedName} />}
        <div className="grid gap-3 sm:grid-cols-3">
          <label className="grid gap-1 text-sm">
            <span>{people.role}</span>
            <select
              className="field"
              name="role"
              defaultValue={guestsOnlyRead ? 'viewer' : 'editor'}
              aria-describedby={guestsOnlyRead ? 'invite-guests' : undefined}
            >
              {!guestsOnlyRead && <option value="editor">{people.roles.editor}</option>}
              <option value="viewer">{people.roles.viewer}</option>
            </select>
          </label>
          <label className="grid gap-1 text-sm">
            <span>{people.expires}</span>
            <select className="field" name="expiresIn" defaultValue={7 * 24 * HOUR_SECONDS}>
              {EXPIRES.map(([name, seconds]) => (
                <option key={name} value={seconds}>
                  {people.expiresIn[name]}
                </option>
              ))}
            </select>
          </label>
          <label className="grid gap-1 text-sm">
            <span>{people.uses}</span>
            <input className="field" type="number" name="maxUses" defaultValue={1} min={1} max={50} required />
          </label>
        </div>
        {guestsOnlyRead && (
          <p id="invite-guests" className="text-muted text-sm">
            {people.guestsRead}
          </p>
        )}
        <span>
          <button className="button primary" aria-disabled={forms.busy}>
            {people.create}
          </button>
        </span>
      </ActionForm>
      <div role="status">{address !== null && <Address address={address} />}</div>
    </section>
  );
}

/** The field for the name that other people in the chat see. The owner has no such name before the first invite. */
function OwnerName({ name }: { name: string }) {
  const { people } = useWords();
  const field = useRef<HTMLInputElement>(null);
  useAccountName(field);
  return (
    <label className="grid gap-1 text-sm">
      <span>{people.yourName}</span>
      <input
        ref={field}
        className="field"
        name="name"
        defaultValue={name}
        maxLength={60}
        required
        dir="auto"
        autoComplete="name"
      />
    </label>
  );
}

function Address({ address }: { address: string }) {
  const { people } = useWords();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), [address]);
  return (
    <div className="grid gap-1 text-sm">
      <label htmlFor="invite-address" className="font-medium">
        {people.address}
      </label>
      <span className="flex items-center gap-2">
        <input
          ref={field}
          id="invite-address"
          className="field"
          readOnly
          dir="ltr"
          value={address}
          onFocus={(event) => event.currentTarget.select()}
          aria-describedby="invite-once"
        />
        <CopyButton text={address} label={people.copyAddress} />
      </span>
      <span id="invite-once" className="text-muted">
        {people.once}
      </span>
    </div>
  );
}
