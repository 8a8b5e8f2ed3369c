/** A separate file, so that a browser that only shows the form for sharing a chat does not load zod. */

/** What a public page can show or offer besides questions, answers and sources. By default, all are off. */
export const SHARE_OPTIONS = [
  'reasoning',
  'tools',
  'versions',
  'names',
  'instructions',
  'copy',
  'showTitleInPreview',
] as const;
export type ShareOption = (typeof SHARE_OPTIONS)[number];
export type ShareOptions = Record<ShareOption, boolean>;

export const optionsOf = (choices: Partial<ShareOptions>): ShareOptions =>
  Object.fromEntries(SHARE_OPTIONS.map((name) => [name, choices[name] ?? false])) as ShareOptions;
