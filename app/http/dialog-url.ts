/** The search parameter of a page that a dialog over another page loads, and to which it sends its forms. */
export const DIALOG = 'dialog';

export const dialogUrl = (path: string): string => `${path}?${DIALOG}=1`;
