import { randomBytes } from 'node:crypto';

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
const ROOM_ID_CHARS = 26;

/** 130 random bits. The lowest five bits of a random byte are as random as all eight. */
export const newRoomId = (): string => [...randomBytes(ROOM_ID_CHARS)].map((byte) => BASE32[byte & 31]).join('');
