import { randomUUID } from 'node:crypto';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const LETTERS_AND_DIGITS = LETTERS + '0123456789';

/** The random part of an epoch. An epoch is a count and this suffix, for example `2p0qz`. */
export function epochSuffix(): string {
  // 32 random bits. `randomUUID` takes a tenth of the time of `randomBytes`, because Node keeps random bytes for many UUIDs ready.
  let bits = Number.parseInt(randomUUID().slice(0, 8), 16);
  let suffix = '';
  for (const letters of [LETTERS, LETTERS_AND_DIGITS, LETTERS_AND_DIGITS, LETTERS_AND_DIGITS]) {
    suffix += letters[bits % letters.length]!;
    bits = Math.floor(bits / letters.length);
  }
  return suffix;
}

export const firstEpoch = (): string => `1${epochSuffix()}`;

/** Makes an epoch whose count is one higher, with a new suffix. `claim.lua` and `seal.lua` do the same. */
export const nextEpoch = (epoch: string): string => `${Number.parseInt(epoch, 10) + 1}${epochSuffix()}`;
