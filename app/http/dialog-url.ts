/** The search parameter in the URL of a page when a dialog over another page loads it and sends forms to it. */
export const DIALOG = 'dialog';

export const dialogUrl = (path: string): string => `${path}?${DIALOG}=1`;
