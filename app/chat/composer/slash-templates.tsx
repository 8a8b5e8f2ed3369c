import { useEffect, useRef, useState, type ComponentType } from 'react';
import type { TemplatePickerProps } from '~/templates/template-picker.tsx';

type Picker = ComponentType<TemplatePickerProps>;

interface SlashTemplatesProps extends Omit<TemplatePickerProps, 'typed' | 'field' | 'isEntered'> {
  /** What is in the composer's field. */
  text: string;
  field: HTMLTextAreaElement | null;
}

/** What offers templates to someone who types "/" into an empty field. It is loaded then: most pages never need it. */
export function SlashTemplates({ text, field, ...rest }: SlashTemplatesProps) {
  const [loaded, setLoaded] = useState<{ Picker: Picker } | 'failed' | null>(null);
  /** Enter was pressed after this text, before the picker was there. */
  const isEntered = useRef(false);
  const isWanted = /^\/[^\n/]*$/.test(text);
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
  const isLoading = isWanted && loaded === null;
  useEffect(() => {
    // Without a network "/" is a text like any other.
    if (loaded === 'failed' && isEntered.current) field?.form?.requestSubmit();
    if (loaded === 'failed') isEntered.current = false;
  }, [loaded, field]);
  useEffect(() => {
    if (!isLoading || !field) return;
    const pressed = (event: KeyboardEvent) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      isEntered.current = true;
      // Before the composer hears it, which would send the command as a question.
      event.preventDefault();
      event.stopPropagation();
    };
    field.addEventListener('keydown', pressed);
    return () => field.removeEventListener('keydown', pressed);
  }, [isLoading, field]);
  if (!isWanted || !field || loaded === null || loaded === 'failed') return null;
  return <loaded.Picker {...rest} field={field} typed={text.slice(1)} isEntered={isEntered} />;
}
