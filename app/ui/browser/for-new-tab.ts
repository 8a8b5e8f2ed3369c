import type { MouseEvent } from 'react';

/** True if a click on a link opens it elsewhere, in a new tab or window. */
export const isForNewTab = (event: MouseEvent): boolean => event.metaKey || event.ctrlKey || event.shiftKey;
