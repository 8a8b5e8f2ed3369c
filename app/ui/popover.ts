/**
 * The platform's popovers, which open without a script. The types of React 18 lack their attributes, but React passes
 * them on when they are spread. A `manual` popover does not close others, and others do not close it.
 */
export const popover = (id: string, kind: 'auto' | 'manual' = 'auto') => ({ id, popover: kind }) as { id: string };
export const opensPopover = (id: string) => ({ popovertarget: id }) as object;
export const closesPopover = (id: string) => ({ popovertarget: id, popovertargetaction: 'hide' }) as object;

export const SIDEBAR_ID = 'sidebar';

export function hidePopover(id: string): void {
  const element = document.getElementById(id);
  if (element?.matches(':popover-open')) element.hidePopover();
}
