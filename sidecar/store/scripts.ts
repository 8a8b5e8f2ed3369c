import { readFileSync } from 'node:fs';
import { defineScript } from 'redis';

type Argument = string | Buffer;

/** A script with its keys and arguments named by the caller: `client.append(keys, args)`. */
const script = (name: string) =>
  defineScript({
    SCRIPT: readFileSync(new URL(`./lua/${name}.lua`, import.meta.url), 'utf8'),
    parseCommand(parser, keys: readonly string[], args: readonly Argument[]) {
      parser.pushKeysLength([...keys]);
      parser.push(...args);
    },
    transformReply: undefined as unknown as () => unknown,
  });

/** Every Lua script; what each takes and answers stands at its head. */
export const SCRIPTS = {
  create: script('create'),
  append: script('append'),
  read: script('read'),
  look: script('look'),
  renew: script('renew'),
  release: script('release'),
  claim: script('claim'),
  rebase: script('rebase'),
  rewrite: script('rewrite'),
  seal: script('seal'),
  close: script('close'),
  checkpoint: script('checkpoint'),
  remove: script('remove'),
  admit: script('admit'),
  point: script('point'),
  settle: script('settle'),
  unpoint: script('unpoint'),
  patchChat: script('patch-chat'),
  unlock: script('unlock'),
  count: script('count'),
};

/** Gives a server all of them. One that it does not know is sent twice, with all it is given: a megabyte for some. */
export function loadScripts(server: { scriptLoad(script: string): Promise<unknown> }): void {
  for (const { SCRIPT } of Object.values(SCRIPTS))
    server.scriptLoad(SCRIPT).catch(() => {
      /* not allowed to, or away again: it is sent whole when it is used */
    });
}
