import { readFileSync } from 'node:fs';
import { defineScript } from 'redis';

type Argument = string | Buffer;

const read = (name: string) => readFileSync(new URL(`../lua/${name}.lua`, import.meta.url), 'utf8');

/** Inserts shared functions after the first line of a script, which contains its flags. */
function withLibraries(text: string, libraries: readonly string[]): string {
  const afterFirstLine = text.indexOf('\n') + 1;
  return text.slice(0, afterFirstLine) + libraries.map(read).join('') + text.slice(afterFirstLine);
}

/** A script whose keys and arguments are lists: `client.append(keys, args)`. */
const script = (name: string, libraries: readonly string[] = []) =>
  defineScript({
    SCRIPT: withLibraries(read(name), libraries),
    parseCommand(parser, keys: readonly string[], args: readonly Argument[]) {
      parser.pushKeysLength([...keys]);
      parser.push(...args);
    },
    transformReply: undefined as unknown as () => unknown,
  });

/** All Lua scripts. Each describes its keys, arguments and results in its first lines. */
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
  seal: script('streams/seal', ['rooms/role']),
  close: script('streams/close'),
  checkpoint: script('streams/checkpoint'),
  remove: script('streams/remove'),
  pack: script('streams/pack'),
  noteEnded: script('streams/note-ended'),
  takeEnded: script('streams/take-ended'),
  wait: script('streams/wait'),
  begin: script('streams/begin'),
  admit: script('counts/admit'),
  forget: script('counts/forget'),
  hold: script('counts/hold'),
  point: script('chats/point', ['chats/add-message', 'chats/ring', 'rooms/role']),
  settle: script('chats/settle', [
    'chats/branch-end',
    'chats/add-message',
    'said/place-said',
    'chats/ring',
    'rooms/role',
  ]),
  enqueue: script('chats/enqueue', ['chats/ring', 'rooms/role']),
  queue: script('chats/queue', ['chats/branch-end']),
  changeQueue: script('chats/change-queue', ['chats/ring', 'rooms/role']),
  unpoint: script('chats/unpoint', ['chats/add-message', 'said/place-said', 'chats/ring']),
  patchChat: script('chats/patch-chat', ['chats/ring']),
  deleteChat: script('chats/delete-chat', ['chats/ring']),
  upgradeChat: script('chats/upgrade-chat', ['chats/add-message']),
  invite: script('rooms/invite', ['rooms/invite-state', 'chats/ring']),
  invites: script('rooms/invites', ['rooms/invite-state']),
  revoke: script('rooms/revoke', ['rooms/invite-state', 'chats/ring']),
  lookAtInvite: script('rooms/look', ['rooms/invite-state']),
  join: script('rooms/join', ['rooms/invite-state', 'chats/ring']),
  members: script('rooms/members', ['rooms/invite-state']),
  changeMember: script('rooms/change-member', ['rooms/invite-state', 'chats/ring']),
  keep: script('rooms/keep'),
  removeMember: script('rooms/remove-member', ['rooms/invite-state', 'chats/ring']),
  copy: script('forks/copy', ['chats/add-message']),
  finishFork: script('forks/finish'),
  noteFork: script('forks/note', ['chats/ring']),
  dropFork: script('forks/drop'),
  branch: script('chats/branch'),
  path: script('chats/path'),
  messages: script('chats/messages'),
  list: script('chats/list'),
  lock: script('lock'),
  say: script('said/say', ['chats/add-message', 'chats/ring', 'rooms/role']),
  here: script('feed/here'),
  find: script('chats/find'),
  addWords: script('chats/add-words'),
  unlock: script('unlock'),
  tally: script('tally'),
  note: script('note'),
  count: script('counts/count'),
  putTemplate: script('templates/put'),
  changeTemplate: script('templates/change'),
  deleteTemplate: script('templates/delete'),
  readTemplate: script('templates/read'),
  reserveTemplates: script('templates/reserve'),
  reserveShare: script('shares/reserve'),
  keepShare: script('shares/keep'),
  putShare: script('shares/put'),
  dropShare: script('shares/drop'),
  readShare: script('shares/read'),
};

/** Loads all scripts into a server. Otherwise the first call of each script is sent twice, with up to a megabyte of arguments. */
export function loadScripts(server: { scriptLoad(script: string): Promise<unknown> }): void {
  for (const { SCRIPT } of Object.values(SCRIPTS))
    server.scriptLoad(SCRIPT).catch(() => {
      /* not permitted, or Redis is away again: the script is then sent with its first call */
    });
}
