import { useEffect, useState, type ComponentType } from 'react';
import type { TemplatePickerProps } from '~/templates/template-picker.tsx';

type Picker = ComponentType<TemplatePickerProps>;

interface SlashTemplatesProps extends Omit<TemplatePickerProps, 'typed' | 'field'> {
  /** What is in the composer's field. */
  text: string;
  field: HTMLTextAreaElement | null;
}

/** What offers templates to someone who types "/" into an empty field. It is loaded then: most pages never need it. */
export function SlashTemplates({ text, field, ...rest }: SlashTemplatesProps) {
  const [loaded, setLoaded] = useState<{ Picker: Picker } | null>(null);
  const isWanted = /^\/[^\n/]*$/.test(text);
  useEffect(() => {
    if (!isWanted || loaded) return;
    import('~/templates/template-picker.tsx').then(
      ({ TemplatePicker }) => setLoaded({ Picker: TemplatePicker }),
      () => {
        // Without a network "/" is a text like any other.
      },
    );
  }, [isWanted, loaded]);
  return isWanted && loaded && field ? <loaded.Picker {...rest} field={field} typed={text.slice(1)} /> : null;
}
