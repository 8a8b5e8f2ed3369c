/** A browser that opens this path makes its guest the administrator. `token`: the secret in the link that `npm start` prints. */
export const adminLinkPath = (token: string): string => `/admin/claim?token=${encodeURIComponent(token)}`;

/**
 * The file with the SHA-256 of the link's secret, until the link is used. `firstGuestFile`: the file with the id of the guest
 * who is the administrator.
 */
export const adminLinkFile = (firstGuestFile: string): string => `${firstGuestFile}.link`;
