import { SHARE_OPTIONS, type ShareOption, type ShareOptions } from '../../shared/chat/share-options.ts';
import { useWords } from '~/words/words.ts';

const EXPIRY_DAYS = ['1', '7', '30', '365'] as const;
const DEFAULT_DAYS = '30';

export function ModeFields() {
  const { share } = useWords();
  return (
    <fieldset className="grid gap-2">
      <legend className="mb-1 text-sm font-medium">{share.mode}</legend>
      {(['snapshot', 'live'] as const).map((mode) => (
        <label key={mode} className="flex items-start gap-2 text-sm">
          <input type="radio" name="mode" value={mode} defaultChecked={mode === 'snapshot'} className="mt-1" />
          <span>
            {share[mode]} <span className="text-muted block">{share[`${mode}Note`]}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

/** `current`: true for a page that exists. It keeps its expiry time unless another one is chosen. */
export function ExpiryField({ current = false }: { current?: boolean }) {
  const { share } = useWords();
  return (
    <label className="flex flex-wrap items-center gap-2 text-sm">
      <span>{share.expires}</span>
      <select className="button" name="days" defaultValue={current ? '' : DEFAULT_DAYS}>
        {current && <option value="">{share.keepExpiry}</option>}
        {EXPIRY_DAYS.map((days) => (
          <option key={days} value={days}>
            {share.days[days]}
          </option>
        ))}
      </select>
    </label>
  );
}

export function OptionFields({ shows }: { shows?: ShareOptions }) {
  const { share } = useWords();
  return (
    <fieldset className="grid gap-1.5">
      <legend className="mb-1 text-sm font-medium">{share.shows}</legend>
      {SHARE_OPTIONS.map((name: ShareOption) => (
        <label key={name} className="flex items-start gap-2 text-sm">
          <input type="checkbox" name={name} value="1" defaultChecked={shows?.[name] ?? false} className="mt-1" />
          {share.options[name]}
        </label>
      ))}
    </fieldset>
  );
}
