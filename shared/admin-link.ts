/** The path of the link that `npm start` prints. The guest who opens it first becomes the administrator. */
export const adminLinkPath = (token: string): string => `/admin/claim?token=${encodeURIComponent(token)}`;

/**
 * The path of the file that holds the SHA-256 of the link's token. The file is renamed when the link is used. `firstGuestFile`:
 * the path of the file that holds the id of the guest who is the administrator.
 */
export const adminLinkFile = (firstGuestFile: string): string => `${firstGuestFile}.link`;
