import { useFetcher } from '@remix-run/react';
import { useEffect } from 'react';
import { dialogUrl } from '~/http/dialog-url.ts';

/**
 * Loads the data of the page at `path` for a dialog, and again whenever the page below is loaded again. `undefined` until it is
 * there. If the chat goes away, the dialog is closed.
 */
export function useDialogData<Data>(path: string, onClose: () => void): Data | undefined {
  const { data, load } = useFetcher<Data | null>();
  useEffect(() => load(dialogUrl(path)), [load, path]);
  useEffect(() => {
    if (data === null) onClose();
  }, [data, onClose]);
  return (data as Data | null | undefined) ?? undefined;
}
