/** The path of the link that `npm start` prints. The guest who opens it first becomes the administrator. `token`: its secret. */
export const adminLinkPath = (token: string): string => `/admin/claim?token=${encodeURIComponent(token)}`;

/**
 * The file with the SHA-256 of the link's secret, until the link is used. `firstGuestFile`: the file with the id of the guest
 * who is the administrator.
 */
export const adminLinkFile = (firstGuestFile: string): string => `${firstGuestFile}.link`;
