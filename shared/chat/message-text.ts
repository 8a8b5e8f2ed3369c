/** A separate file, so that a browser that only reads messages does not load zod. */

/** The text a person reads in a message: its text parts joined, without reasoning, tools and data. */
export const messageText = (message: { parts: readonly { type: string; [field: string]: unknown }[] }): string =>
  message.parts
    .filter((part) => part.type === 'text')
    .map((part) => String(part.text ?? ''))
    .join('');
