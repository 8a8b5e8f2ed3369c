import { useFetcher } from '@remix-run/react';
import { dialogUrl } from '~/http/dialog-url.ts';
import { Dialog } from '~/layout/dialogs/dialog.tsx';
import { useDialogData } from '~/layout/dialogs/use-dialog-data.ts';
import { fill, problemSentence, useWords } from '~/words/words.ts';
import { MadeShare, type Made } from './made-share.tsx';
import { ExpiryField, ModeFields, OptionFields } from './share-form.tsx';

export interface ShareDialogProps {
  chat: { chatId: string; title: string };
  /** The page shows the conversation through this message; `null`: the conversation that ends with the newest message. */
  leaf: string | null;
  onClose: () => void;
}

/** The part of the data of `/chat/:chatId/share` that the dialog shows. */
interface SharePage {
  setting: string;
  isSignInNeeded: boolean;
}

/** Makes a public page of a chat. Loads the data of the page `/chat/:chatId/share`, and sends the form of that page. */
export function ShareDialog({ chat, leaf, onClose }: ShareDialogProps) {
  const words = useWords();
  const { share } = words;
  const fetcher = useFetcher<{ made?: Made; code?: string; message?: string }>();
  const busy = fetcher.state !== 'idle';
  const page = `/chat/${encodeURIComponent(chat.chatId)}/share`;
  const data = useDialogData<SharePage>(page, onClose);
  const { made, message, code = null } = fetcher.data ?? {};
  return (
    <Dialog title={fill(share.title, { title: chat.title })} onClose={onClose}>
      {message && (
        <p role="alert" className="notice danger mb-3">
          {problemSentence(words, { code, message })}
        </p>
      )}
      {made ? (
        <MadeShare {...made} />
      ) : data?.setting === 'off' ? (
        <p className="notice">{share.off}</p>
      ) : data?.setting ? (
        <fetcher.Form
          method="post"
          action={dialogUrl(page)}
          className="grid gap-4"
          onSubmit={(event) => {
            if (busy) event.preventDefault();
          }}
        >
          <p className="text-muted text-sm">
            {share.intro} {data.isSignInNeeded ? share.introMembers : share.introPublic}
          </p>
          <input type="hidden" name="once" value="1" />
          <input type="hidden" name="leaf" value={leaf ?? ''} />
          <ModeFields />
          <ExpiryField />
          <OptionFields />
          <span className="flex flex-wrap items-center justify-between gap-2">
            <a className="link text-sm" href="/settings/shares">
              {share.all}
            </a>
            <button className="button primary" name="intent" value="make" aria-disabled={busy}>
              {share.make}
            </button>
          </span>
        </fetcher.Form>
      ) : null}
    </Dialog>
  );
}
