import type { KeyboardEvent } from 'react';

/**
 * True for an Enter that sends: without Shift, and not while an input method composes (key code 229 if the browser does
 * not report it).
 */
export const isEnter = ({ key, shiftKey, keyCode, nativeEvent }: KeyboardEvent): boolean =>
  key === 'Enter' && !shiftKey && !nativeEvent.isComposing && keyCode !== 229;
