/** The SHA-256 of a log, computed while it is read. Frames that come before the hash library has loaded are hashed afterwards. */
export interface LogHash {
  update(frame: string): void;
  hex(): Promise<string>;
}

export function createLogHash(): LogHash {
  const encoder = new TextEncoder();
  let waiting: string[] = [];
  let add = (frame: string): void => void waiting.push(frame);

  const loaded = import('@noble/hashes/sha2.js').then(({ sha256 }) => {
    const hash = sha256.create();
    add = (frame) => void hash.update(encoder.encode(frame));
    for (const frame of waiting) add(frame);
    waiting = [];
    return hash;
  });
  // If the library cannot be loaded, `hex` rejects. Until `hex` is called, the rejection of `loaded` must not count as unhandled.
  loaded.catch(() => undefined);

  return {
    update: (frame) => add(frame),
    async hex() {
      const digest = (await loaded).clone().digest();
      return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
    },
  };
}
