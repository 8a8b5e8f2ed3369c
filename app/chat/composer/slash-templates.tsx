import { useEffect, useRef, useState, type ComponentType } from 'react';
import { isEnter, pressEnter } from '~/ui/browser/enter-key.ts';
import type { TemplatePickerProps } from '~/templates/template-picker.tsx';

type Picker = ComponentType<TemplatePickerProps>;

interface SlashTemplatesProps extends Omit<TemplatePickerProps, 'typed' | 'field' | 'isEntered'> {
  /** The text of the composer's field. */
  text: string;
  field: HTMLTextAreaElement | null;
}

/**
 * Offers templates for a text that begins with "/", and shows the form of an open template. The picker's code is loaded when it is
 * needed for the first time.
 */
export function SlashTemplates({ text, field, ...rest }: SlashTemplatesProps) {
  const [loaded, setLoaded] = useState<{ Picker: Picker } | 'failed' | null>(null);
  /** True if Enter was pressed while the picker was loading, and the text has not changed since. */
  const isEntered = useRef(false);
  const isCommand = /^\/[^\n/]*$/.test(text);
  const isWanted = isCommand || rest.openId !== null;
  useEffect(() => {
    isEntered.current = false;
  }, [text]);
  useEffect(() => {
    if (!isWanted) return setLoaded((before) => (before === 'failed' ? null : before));
    if (loaded) return;
    import('~/templates/template-picker.tsx').then(
      ({ TemplatePicker }) => setLoaded({ Picker: TemplatePicker }),
      () => setLoaded('failed'),
    );
  }, [isWanted, loaded]);
  const isLoading = isCommand && loaded === null;
  useEffect(() => {
    // If the picker cannot be loaded, a text that begins with "/" is sent as an ordinary question.
    if (loaded === 'failed' && isEntered.current && field) pressEnter(field);
    if (loaded === 'failed') isEntered.current = false;
  }, [loaded, field]);
  useEffect(() => {
    if (!isLoading || !field) return;
    const pressed = (event: KeyboardEvent) => {
      if (!isEnter(event)) return;
      isEntered.current = true;
      // Otherwise the composer would send the text as a question before the picker can offer the template.
      event.preventDefault();
      event.stopPropagation();
    };
    field.addEventListener('keydown', pressed);
    return () => field.removeEventListener('keydown', pressed);
  }, [isLoading, field]);
  if (!isWanted || !field || loaded === null || loaded === 'failed') return null;
  return <loaded.Picker {...rest} field={field} typed={isCommand ? text.slice(1) : null} isEntered={isEntered} />;
}
