/** A dialog over a page loads the data of its own page, and sends its forms there, with this search parameter in the URL. */
export const DIALOG = 'dialog';

export const dialogUrl = (path: string): string => `${path}?${DIALOG}=1`;
