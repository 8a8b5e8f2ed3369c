import { useFetcher } from '@remix-run/react';
import { useEffect } from 'react';
import { dialogUrl } from '~/http/dialog-url.ts';

/**
 * Loads the data of the page at `path` for a dialog. Whenever the data of the page behind the dialog is loaded again, Remix also
 * loads the data of the dialog again. The result is `undefined` until the data has arrived. Calls `onClose` if the chat is gone.
 */
export function useDialogData<Data>(path: string, onClose: () => void): Data | undefined {
  const { data, load } = useFetcher<Data | null>();
  useEffect(() => load(dialogUrl(path)), [load, path]);
  useEffect(() => {
    if (data === null) onClose();
  }, [data, onClose]);
  return (data as Data | null | undefined) ?? undefined;
}
