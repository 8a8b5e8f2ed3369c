import { renderToString } from 'react-dom/server';
import { createElement } from 'react';
import { describe, expect, test } from 'vitest';
import { newTemplateSchema } from '../../shared/templates/template.ts';
import { contentOf, draftIn, editedIn, emptyDraft, newBlank } from './draft.ts';
import { FilledText } from './filled-text.tsx';
import { en } from '~/words/en.ts';
import { WordsContext } from '~/words/words.ts';

const formWith = (fields: Record<string, string>) => {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return form;
};
const refusedFields = (draft: ReturnType<typeof draftIn>) =>
  newTemplateSchema.safeParse(contentOf(draft)).error?.issues.map(({ path }) => path[0]);

test('fields that the browser has kept are read again, unless the stored data has another shape', () => {
  const edited = { etag: 'e1', draft: { ...emptyDraft, name: 'Half', blanks: [newBlank('focus')] } };
  expect(editedIn(JSON.stringify(edited))).toEqual(edited);
  const others = ['', 'null', '{}', JSON.stringify({ ...edited, draft: { ...edited.draft, blanks: [{ name: 'x' }] } })];
  expect(others.map(editedIn)).toEqual(others.map(() => null));
});

describe('a draft', () => {
  test('with far too many blanks keeps one more than the maximum, so that saving the draft is refused', () => {
    const message = Array.from({ length: 9000 }, (_, i) => `{{b${i}}}`).join('');
    const draft = draftIn(formWith({ title: 'Many', command: 'many', message }));
    expect(draft.blanks).toHaveLength(21);
    expect(refusedFields(draft)).toContain('variables');
  });

  test('with too long a text keeps one character too many, so that saving the draft is refused', () => {
    const draft = draftIn(formWith({ title: 'Long', command: 'long', message: 'x'.repeat(1_000_000) }));
    expect(draft.message).toHaveLength(64 * 1024 + 1);
    expect(refusedFields(draft)).toContain('message');
  });
});

describe('the preview', () => {
  const shown = (text: string, values: Record<string, string>) =>
    renderToString(
      createElement(WordsContext.Provider, { value: en }, createElement(FilledText, { text, values, variables: [] })),
    );

  test('shows the beginning of a text that a long value makes very long', () => {
    const html = shown('{{x}}'.repeat(12_000), { x: 'y'.repeat(1_000_000) });
    expect(html.length).toBeLessThan(300_000);
    expect(html.endsWith('</mark>…</div>')).toBe(true);
  });

  test('shows and marks the name of an empty blank, even if the name is that of a built-in property, such as `toString`', () => {
    expect(shown('Dear {{x}}, {{toString}}', { x: 'Ada' })).toContain('<mark>{{toString}}</mark>');
  });
});
