// @vitest-environment happy-dom
import { expect, test } from 'vitest';
import { restoreEarlyInput, watchEarlyInput } from './early-input.ts';

const field = <T extends Element>(selector: string) => document.querySelector<T>(selector)!;

test('what a person enters before React takes over is put back once, and each restored field gets an input event', () => {
  document.body.innerHTML = `
    <input name="early"><input name="untouched" value="as rendered"><input type="hidden" name="fresh" value="1">
    <input type="checkbox" checked><textarea>rendered</textarea>
    <select><option value="a" selected>A</option><option value="b">B</option></select>`;
  const early = field<HTMLInputElement>('[name="early"]');
  const hidden = field<HTMLInputElement>('[name="fresh"]');
  const box = field<HTMLInputElement>('[type="checkbox"]');
  const text = field<HTMLTextAreaElement>('textarea');
  const select = field<HTMLSelectElement>('select');
  early.value = 'typed';
  box.checked = false;
  select.value = 'b';
  hidden.setAttribute('value', '2');
  watchEarlyInput();
  text.value = 'changed';
  text.dispatchEvent(new Event('input', { bubbles: true }));

  // React takes over.
  early.value = '';
  text.value = 'rendered';
  select.value = 'a';
  const changed: string[] = [];
  const onInput = ({ target }: Event) => changed.push((target as Element).tagName);
  document.body.addEventListener('input', onInput);
  restoreEarlyInput();
  expect([early.value, box.checked, text.value, select.value]).toEqual(['typed', false, 'changed', 'b']);
  expect(changed).toEqual(['INPUT', 'INPUT', 'SELECT', 'TEXTAREA']);

  text.value = 'later';
  text.dispatchEvent(new Event('input', { bubbles: true }));
  restoreEarlyInput();
  expect(changed).toHaveLength(5);
  document.body.removeEventListener('input', onInput);
});
