type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

interface Entered {
  value: string;
  isChecked: boolean;
}

/**
 * What a person has typed, chosen and ticked before React has taken over the page. When React takes over, it puts the rendered
 * values back into the fields whose value it controls, and into each `textarea` that was rendered with a text.
 */
const early = new Map<Control, Entered>();

/** Call it before hydration. */
export function watchEarlyInput(): void {
  for (const control of document.querySelectorAll<Control>(FIELDS)) if (isChanged(control)) note(control);
  for (const type of EVENTS) document.addEventListener(type, entered, { capture: true });
}

/**
 * Call it when React has taken over the page's fields, and before React renders again. The handlers of the fields are called, as
 * if the person entered the values now.
 */
export function restoreEarlyInput(): void {
  for (const type of EVENTS) document.removeEventListener(type, entered, { capture: true });
  for (const [control, value] of early) if (control.isConnected) enter(control, value);
  early.clear();
}

const EVENTS = ['input', 'change'] as const;
/** A page cannot choose a file for a person, and must not keep a password. */
const FIELDS = 'input:not([type="hidden"], [type="file"], [type="password"]), textarea, select';

function entered({ target }: Event): void {
  if (target instanceof Element && target.matches(FIELDS)) note(target as Control);
}

function note(control: Control): void {
  early.set(control, { value: control.value, isChecked: control instanceof HTMLInputElement && control.checked });
}

function isChanged(control: Control): boolean {
  if (control instanceof HTMLSelectElement)
    return [...control.options].some((one) => one.selected !== one.defaultSelected);
  if (control instanceof HTMLInputElement && isTicked(control)) return control.checked !== control.defaultChecked;
  return control.value !== control.defaultValue;
}

const isTicked = ({ type }: HTMLInputElement): boolean => type === 'checkbox' || type === 'radio';

/**
 * React remembers the last value of each field, and ignores an event if the field still has this value. The setter of the prototype
 * changes the field but not what React remembers, so React handles the events that follow.
 */
function enter(control: Control, { value, isChecked }: Entered): void {
  if (control instanceof HTMLInputElement && isTicked(control)) {
    control.checked = isChecked;
  } else {
    if (!(control instanceof HTMLSelectElement)) control.value = '';
    const { set } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(control), 'value')!;
    set!.call(control, value);
  }
  for (const type of EVENTS) control.dispatchEvent(new Event(type, { bubbles: true }));
}
