import { useEffect, useRef } from 'react';
import type { Member } from '../../../shared/chat/rooms.ts';
import { useLayout } from '~/layout/layout-data.tsx';
import { useJustMade } from '~/ui/use-just-made.ts';
import { fill, useWords } from '~/words/words.ts';
import { ActionForm, ActionOutcome, type Forms } from '~/ui/action-form.tsx';
import { Avatar } from '~/rooms/avatar.tsx';
import { ConfirmedForm } from './confirmed-form.tsx';
import { InviteForm } from './invite-form.tsx';
import { InviteList } from './invite-list.tsx';
import type { PeopleData, PeopleResult } from './people-page.server.ts';

interface PeopleProps {
  data: PeopleData;
  forms: Forms;
  /** The result of the last form, or why it was refused. */
  result: (PeopleResult & { code?: string; message?: string }) | null | undefined;
  /** Scrolls to the form that makes an invite, and focuses the form's first field. */
  startsWithInvite?: boolean;
}

/**
 * Lists the people in a chat. The owner also sees the invites of the chat. The server returns the URL of an invite only once, so
 * this component keeps the URL while the invite can be used. Give this component the id of the chat as `key`.
 */
export function People({ data, forms, result, startsWithInvite = false }: PeopleProps) {
  const { people } = useWords();
  const { members, self, role, invites, room } = data;
  const viewersMayBranch = room?.viewersMayBranch ?? false;
  const { invited, message } = result ?? {};
  const isListed = ({ inviteId }: { inviteId: string }) => invites.some((invite) => invite.inviteId === inviteId);
  const made = useJustMade(invited, { isListed, busy: forms.busy });
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    // A role that was refused does not stay selected.
    if (message === undefined) return;
    for (const form of list.current?.querySelectorAll('form') ?? []) form.reset();
  }, [result, message]);
  const own = members.find(({ userId }) => userId === self);
  const isOwner = role === 'owner';
  return (
    <div className="grid gap-5">
      <ActionOutcome result={result ?? {}} busy={forms.busy} />
      <ul ref={list} className="grid gap-2" aria-label={people.title}>
        {members.map((member) => (
          <Person
            key={member.userId}
            {...{ member, isOwner, forms }}
            isSelf={member === own}
            openInvites={invites.length}
          />
        ))}
      </ul>
      {isOwner && <InviteForm {...{ data, forms, startsWithInvite }} address={made?.url ?? null} />}
      {invites.length > 0 && <InviteList {...{ invites, forms }} />}
      {own && data.askedName === null && <OwnName {...{ own, forms }} />}
      {isOwner && members.some((member) => member.role === 'viewer') && (
        <ActionForm
          forms={forms}
          intent="viewers"
          fields={viewersMayBranch ? {} : { viewersMayBranch: 'yes' }}
          className="flex flex-wrap items-center gap-2 text-sm"
        >
          <span className="min-w-0 flex-1">{viewersMayBranch ? people.viewersBranch : people.viewersNoBranch}</span>
          <button className="button" aria-disabled={forms.busy}>
            {viewersMayBranch ? people.forbid : people.allow}
          </button>
        </ActionForm>
      )}
      {own && !isOwner && (
        <ConfirmedForm
          forms={forms}
          intent="leave"
          fields={{ userId: self }}
          text={people.leave}
          warning={people.leaveText}
        />
      )}
    </div>
  );
}

function Person({
  member,
  isSelf,
  isOwner,
  openInvites,
  forms,
}: {
  member: Member;
  isSelf: boolean;
  isOwner: boolean;
  /** The number of invites that can still be used. */
  openInvites: number;
  forms: Forms;
}) {
  const { people } = useWords();
  const { userId, name, role } = member;
  const { guestsOnlyRead } = useLayout();
  const isChangeable = isOwner && role !== 'owner';
  return (
    <li className="person">
      <Avatar userId={userId} name={name} />
      <span className="min-w-0 flex-1 wrap-anywhere">
        <bdi>{name || people.you}</bdi> {isSelf && name !== '' && <span className="text-muted">({people.you})</span>}
      </span>
      {isChangeable ? (
        <>
          {guestsOnlyRead ? (
            <RoleName role={role} />
          ) : (
            <ActionForm forms={forms} intent="role" fields={{ userId }} className="flex items-center gap-1">
              <select
                key={role}
                className="quiet-select"
                name="role"
                defaultValue={role}
                aria-label={fill(people.roleOf, { name })}
              >
                <option value="editor">{people.roles.editor}</option>
                <option value="viewer">{people.roles.viewer}</option>
              </select>
              <button className="button" aria-disabled={forms.busy} title={people.viewerTurns}>
                {people.changeRole}
              </button>
            </ActionForm>
          )}
          <ConfirmedForm
            forms={forms}
            intent="remove"
            fields={{ userId }}
            text={people.remove}
            label={fill(people.removeOf, { name })}
            warning={people.removeText}
          >
            {openInvites > 0 && (
              <label className="flex basis-full items-start gap-2">
                <input type="checkbox" name="revokes" value="1" className="mt-1" />
                {fill(people.revokeToo, { count: openInvites })}
              </label>
            )}
          </ConfirmedForm>
        </>
      ) : (
        <RoleName role={role} />
      )}
    </li>
  );
}

function RoleName({ role }: Pick<Member, 'role'>) {
  const { people } = useWords();
  return <span className="text-muted text-sm">{people.roles[role]}</span>;
}

function OwnName({ own, forms }: { own: Member; forms: Forms }) {
  const { people, common } = useWords();
  return (
    <ActionForm forms={forms} intent="name" fields={{ userId: own.userId }} className="grid gap-1 text-sm">
      <label htmlFor="own-name" className="font-medium">
        {people.yourName}
      </label>
      <span className="flex gap-2">
        <input
          id="own-name"
          key={own.name}
          className="field"
          name="name"
          defaultValue={own.name}
          maxLength={60}
          required
          dir="auto"
          autoComplete="name"
          aria-describedby="own-name-hint"
        />
        <button className="button" aria-disabled={forms.busy}>
          {common.save}
        </button>
      </span>
      <span id="own-name-hint" className="text-muted">
        {people.yourNameHint}
      </span>
    </ActionForm>
  );
}
