/**
 * The attributes of the browser's own popovers, which open without a script. The types of React 18 lack these attributes, but
 * React passes them on, so spread the result of these functions into the props of an element. A `manual` popover does not close
 * other popovers, and other popovers do not close it.
 */
export const popover = (id: string, kind: 'auto' | 'manual' = 'auto') => ({ id, popover: kind }) as { id: string };
export const opensPopover = (id: string) => ({ popovertarget: id }) as object;
export const closesPopover = (id: string) => ({ popovertarget: id, popovertargetaction: 'hide' }) as object;

export const SIDEBAR_ID = 'sidebar';

export function hidePopover(id: string): void {
  const element = document.getElementById(id);
  if (element?.matches(':popover-open')) element.hidePopover();
}
