import { randomBytes } from 'node:crypto';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const LETTERS_AND_DIGITS = LETTERS + '0123456789';

/** The random part of an epoch. It makes two epochs with the same count differ. */
export function epochSuffix(): string {
  const bytes = randomBytes(4);
  let suffix = LETTERS[bytes[0]! % 26]!;
  for (let i = 1; i < 4; i++) suffix += LETTERS_AND_DIGITS[bytes[i]! % 36]!;
  return suffix;
}

export const firstEpoch = (): string => `1${epochSuffix()}`;

/** The count is one higher, and the suffix is new. `claim.lua` and `seal.lua` do the same. */
export const nextEpoch = (epoch: string): string => `${Number.parseInt(epoch, 10) + 1}${epochSuffix()}`;
