/**
 * Each dialog has a page with the same forms, for people without JavaScript. The dialog loads the data of that page, and sends
 * that page the forms. This search parameter in the URL tells the server that a dialog asks.
 */
export const DIALOG = 'dialog';

export const dialogUrl = (path: string): string => `${path}?${DIALOG}=1`;
