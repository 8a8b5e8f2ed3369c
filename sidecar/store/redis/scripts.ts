import { readFileSync } from 'node:fs';
import { defineScript } from 'redis';

type Argument = string | Buffer;

/** A script with its keys and arguments named by the caller: `client.append(keys, args)`. */
const script = (name: string) =>
  defineScript({
    SCRIPT: readFileSync(new URL(`../lua/${name}.lua`, import.meta.url), 'utf8'),
    parseCommand(parser, keys: readonly string[], args: readonly Argument[]) {
      parser.pushKeysLength([...keys]);
      parser.push(...args);
    },
    transformReply: undefined as unknown as () => unknown,
  });

/** Every Lua script; what each takes and answers stands at its head. */
export const SCRIPTS = {
  create: script('streams/create'),
  append: script('streams/append'),
  read: script('streams/read'),
  look: script('streams/look'),
  renew: script('streams/renew'),
  release: script('streams/release'),
  claim: script('streams/claim'),
  rebase: script('streams/rebase'),
  rewrite: script('streams/rewrite'),
  seal: script('streams/seal'),
  close: script('streams/close'),
  checkpoint: script('streams/checkpoint'),
  remove: script('streams/remove'),
  admit: script('counts/admit'),
  point: script('chats/point'),
  settle: script('chats/settle'),
  unpoint: script('chats/unpoint'),
  patchChat: script('chats/patch-chat'),
  unlock: script('unlock'),
  count: script('counts/count'),
};

/** Gives a server all of them. One that it does not know is sent twice, with all it is given: a megabyte for some. */
export function loadScripts(server: { scriptLoad(script: string): Promise<unknown> }): void {
  for (const { SCRIPT } of Object.values(SCRIPTS))
    server.scriptLoad(SCRIPT).catch(() => {
      /* not allowed to, or away again: it is sent whole when it is used */
    });
}
