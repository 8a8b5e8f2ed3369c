import { Link } from '@remix-run/react';
import type { Share } from '../../shared/chat/shares.ts';
import { Confirm } from '~/ui/confirm.tsx';
import { CopyButton } from '~/ui/copy-button.tsx';
import { Icon } from '~/ui/icon.tsx';
import { fill, useWords } from '~/words/words.ts';
import { ActionForm, type Forms } from '~/ui/action-form.tsx';
import { useKeptAddress } from './kept-address.ts';
import { ExpiryField, OptionFields } from './share-form.tsx';

interface ShareCardProps {
  share: Share;
  forms: Forms;
  /** True if the list has pages of several chats. */
  linksToChat?: boolean;
}

/** A public page: how often it was opened, and the forms that update, change or revoke it. */
export function ShareCard({ share: page, forms, linksToChat = false }: ShareCardProps) {
  const { share, language } = useWords();
  const when = (iso: string) =>
    new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(iso));
  const fields = { shareId: page.shareId };
  const id = `share-${page.shareId}`;
  const address = useKeptAddress(page.shareId);
  const revokeLabel = fill(share.revokeOne, { title: page.title });
  return (
    <li className="card grid gap-3" aria-labelledby={id}>
      <div>
        <h2 id={id} className="font-semibold" dir="auto">
          {page.title}
        </h2>
        <p className="text-muted text-sm">
          {page.mode === 'live' ? share.isLive : fill(share.isSnapshot, { revision: page.revision })}
          {' · '}
          {fill(share.madeOn, { when: when(page.createdAt) })}
          {' · '}
          {fill(share.until, { when: when(page.expiresAt) })}
          {' · '}
          {fill(share.reads, { count: page.reads })}
          {page.lastReadAt && ` (${fill(share.lastRead, { when: when(page.lastReadAt) })})`}
        </p>
      </div>
      <div className="flex flex-wrap items-center gap-2">
        {address && (
          <>
            <a className="button" href={address} target="_blank" rel="noopener">
              {share.open}
            </a>
            <CopyButton text={address} label={share.copyAddress} />
          </>
        )}
        {page.mode === 'snapshot' && (
          <ActionForm forms={forms} fields={fields}>
            <button className="button" name="intent" value="update" aria-disabled={forms.busy} title={share.updated}>
              {share.update}
            </button>
          </ActionForm>
        )}
        <Confirm text={share.revoke} label={revokeLabel}>
          <ActionForm forms={forms} fields={fields} className="flex flex-wrap items-center gap-2 pt-2 text-sm">
            <span className="min-w-0 flex-1">{share.revokeText}</span>
            <button
              className="button danger"
              name="intent"
              value="revoke"
              aria-disabled={forms.busy}
              aria-label={revokeLabel}
            >
              {share.revoke}
            </button>
          </ActionForm>
        </Confirm>
        {linksToChat && (
          <Link className="link text-sm" to={`/chat/${encodeURIComponent(page.chatId)}`}>
            {share.openChat}
          </Link>
        )}
      </div>
      <details className="fold">
        <summary>
          <Icon name="chevron" size={16} /> {share.change}
        </summary>
        <ActionForm forms={forms} fields={fields} className="grid gap-3 pt-2">
          <ExpiryField current />
          <OptionFields shows={page} />
          <span>
            <button className="button" name="intent" value="change" aria-disabled={forms.busy}>
              {share.save}
            </button>
          </span>
        </ActionForm>
      </details>
    </li>
  );
}
