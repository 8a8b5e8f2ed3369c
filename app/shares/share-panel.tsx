import { Link } from '@remix-run/react';
import type { Share, SharesSetting } from '../../shared/chat/shares.ts';
import { Icon } from '~/ui/icon.tsx';
import { useJustMade } from '~/ui/use-just-made.ts';
import { useWords } from '~/words/words.ts';
import { MadeShare, type Made } from './made-share.tsx';
import { ActionForm, ActionOutcome, type Forms } from '~/ui/action-form.tsx';
import { ShareCard } from './share-card.tsx';
import { ExpiryField, ModeFields, OptionFields } from './share-form.tsx';

export interface SharePanelData {
  shares: Share[];
  setting: SharesSetting;
  /** True if people have to sign in to read the public pages of the chat. */
  isSignInNeeded: boolean;
}

/** The response to a form of the panel. */
export interface ShareResult {
  made?: Made;
  saved?: true;
  code?: string;
  message?: string;
}

interface SharePanelProps {
  data: SharePanelData;
  forms: Forms;
  result: ShareResult | undefined;
  /** The id of a message. A new public page shows the branch with this message. `null`: the branch with the newest message. */
  leaf: string | null;
}

/** The public pages of a chat, and the form that makes another one. */
export function SharePanel({ data: { shares, setting, isSignInNeeded }, forms, result, leaf }: SharePanelProps) {
  const { share } = useWords();
  const isListed = ({ shareId }: Made) => shares.some((page) => page.shareId === shareId);
  const made = useJustMade(result?.made, { isListed, busy: forms.busy });
  const form = (
    <ActionForm forms={forms} fields={{ once: '1', leaf: leaf ?? '' }} className="grid gap-4">
      <p className="text-muted text-sm">
        {share.intro} {isSignInNeeded ? share.introMembers : share.introPublic}
      </p>
      <ModeFields />
      <ExpiryField />
      <OptionFields />
      <span>
        <button className="button primary" name="intent" value="make" aria-disabled={forms.busy}>
          {share.make}
        </button>
      </span>
    </ActionForm>
  );
  return (
    <div className="grid gap-5">
      <ActionOutcome result={result ?? {}} busy={forms.busy} />
      {setting === 'off' && <p className="notice">{share.off}</p>}
      {made && (
        <div className="card">
          <MadeShare {...made} />
        </div>
      )}
      {shares.length > 0 && (
        <section aria-labelledby="shares-of-chat" className="grid gap-3">
          <h2 id="shares-of-chat" className="font-semibold">
            {share.ofChat}
          </h2>
          <ul className="grid gap-3">
            {shares.map((page) => (
              <ShareCard key={page.shareId} share={page} forms={forms} />
            ))}
          </ul>
        </section>
      )}
      {setting === 'off' ? null : shares.length === 0 ? (
        form
      ) : (
        <section className="grid gap-2">
          <p className="text-muted text-sm">{share.addressGone}</p>
          <details key={made?.shareId} className="fold">
            <summary className="button rounded-[0.6rem]">
              <Icon name="chevron" size={16} /> {share.another}
            </summary>
            <div className="pt-3">{form}</div>
          </details>
        </section>
      )}
      <p>
        <Link className="link text-sm" to="/settings/shares">
          {share.all}
        </Link>
      </p>
    </div>
  );
}
