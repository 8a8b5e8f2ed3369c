import type { KeyboardEvent } from 'react';

/** Enter that sends: not with Shift, and not while an input method composes (229, also where a browser hides that). */
export const isEnter = ({ key, shiftKey, keyCode, nativeEvent }: KeyboardEvent): boolean =>
  key === 'Enter' && !shiftKey && !nativeEvent.isComposing && keyCode !== 229;
