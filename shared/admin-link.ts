/** The path that makes the browser's guest the administrator. `token`: the secret in the link that `npm start` prints. */
export const adminLinkPath = (token: string): string => `/admin/claim?token=${encodeURIComponent(token)}`;

/** The file with the SHA-256 of the link's secret, until the link is used. `firstGuestFile`: the file with the guest's id. */
export const adminLinkFile = (firstGuestFile: string): string => `${firstGuestFile}.link`;
