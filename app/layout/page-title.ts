/** The title of a page, for its `meta`. Without `title`: only the name of the app. */
export const pageTitle = (title: string | undefined): [{ title: string }] => [
  { title: title === undefined ? 'Rejoin' : `${title} · Rejoin` },
];
