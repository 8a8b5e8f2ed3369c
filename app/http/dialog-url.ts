/**
 * Each dialog has a page with the same forms, for people without JavaScript. The dialog loads the data of that page, and submits its
 * forms to the URL of that page. This search parameter in the URL tells the server that the request comes from the dialog.
 */
export const DIALOG = 'dialog';

export const dialogUrl = (path: string): string => `${path}?${DIALOG}=1`;
