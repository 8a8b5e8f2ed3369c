import { useEffect, useRef } from 'react';
import { CopyButton } from '~/ui/copy-button.tsx';
import { useWords } from '~/words/words.ts';
import { useKeptAddress } from './kept-address.ts';

/** A public page that was just made. No later response contains its URL. */
export interface Made {
  shareId: string;
  url: string;
  /** The QR code of the URL, as SVG. */
  qr: string;
}

export function MadeShare({ shareId, url, qr }: Made) {
  const { share } = useWords();
  useKeptAddress(shareId, url);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), [url]);
  return (
    <section className="grid gap-3" aria-labelledby="share-made">
      <h2 id="share-made" className="font-semibold">
        {share.made}
      </h2>
      <p className="text-muted text-sm">{share.once}</p>
      <div className="flex items-center gap-1">
        <input
          ref={field}
          className="field"
          readOnly
          value={url}
          aria-label={share.address}
          dir="ltr"
          onFocus={(event) => event.currentTarget.select()}
        />
        <CopyButton text={url} label={share.copyAddress} />
      </div>
      <div
        role="img"
        aria-label={share.qr}
        className="share-qr"
        // Our own server makes this SVG from the URL alone, so no foreign markup is in it.
        dangerouslySetInnerHTML={{ __html: qr }}
      />
      <a className="link text-sm" href={url} target="_blank" rel="noopener">
        {share.open}
      </a>
    </section>
  );
}
