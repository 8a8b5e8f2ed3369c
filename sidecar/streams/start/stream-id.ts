import { createHmac } from 'node:crypto';

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
/** 26 characters of 5 bits: 130 bits. */
const LENGTH = 26;

/**
 * PROTOCOL.md 5.1: the id of the stream that writes one message. It is derived, so that the same start always means the same
 * stream. The secret keeps people from guessing the stream ids of others.
 */
export function deriveStreamId({
  secret,
  userId,
  chatId,
  messageId,
}: {
  secret: string;
  userId: string;
  chatId: string;
  messageId: string;
}): string {
  const digest = createHmac('sha256', secret)
    .update(JSON.stringify([userId, chatId, messageId]))
    .digest();
  let id = '';
  for (let bit = 0; id.length < LENGTH; bit += 5) {
    const two = (digest[bit >> 3]! << 8) | digest[(bit >> 3) + 1]!;
    id += BASE32[(two >> (11 - (bit & 7))) & 31]!;
  }
  return id;
}
