/** Where a browser becomes the administrator, with the secret that `npm start` prints. */
export const adminLinkPath = (token: string): string => `/admin/claim?token=${encodeURIComponent(token)}`;

/** The file that holds the SHA-256 of the link's secret until the link is used, beside the one that names the guest. */
export const adminLinkFile = (firstGuestFile: string): string => `${firstGuestFile}.link`;
