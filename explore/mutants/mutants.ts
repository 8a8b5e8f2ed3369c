/**
 * One deliberate fault in the product, which the explorer has to find. The fault is planted by putting `replace` in place of `find`.
 * `find` must occur exactly once in `file`. It contains only code, so that comments in `file` can change without a change here.
 */
export interface Mutant {
  name: string;
  file: string;
  find: string;
  replace: string;
}

const lua = (name: string) => `sidecar/store/lua/streams/${name}.lua`;
const chat = (name: string) => `sidecar/store/lua/chats/${name}.lua`;
const counts = (name: string) => `sidecar/store/lua/counts/${name}.lua`;
const write = (name: string) => `sidecar/streams/write/${name}.ts`;

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'an append does not compare the epoch',
    file: lua('append'),
    find: `now[1] ~= epoch or now[2] ~= 'active'`,
    replace: `now[2] ~= 'active'`,
  },
  {
    name: 'an append does not compare the position',
    file: lua('append'),
    find: `length ~= position`,
    replace: `false`,
  },
  {
    name: 'an append answers a length that is one too large',
    file: lua('append'),
    find: `results[2 * i] = length`,
    replace: `results[2 * i] = length + 1`,
  },
  {
    name: 'a claim takes a lease that has not run out',
    file: lua('claim'),
    find: `tonumber(known[3]) > now then return`,
    replace: `false then return`,
  },
  {
    name: 'a claim does not raise the epoch',
    file: lua('claim'),
    find: `(tonumber(string.match(known[2], '^%d+')) + 1) .. ARGV[1]`,
    replace: `known[2]`,
  },
  {
    name: 'a claim forgets the new lease',
    file: lua('claim'),
    find: `'lease', now + ARGV[3],`,
    replace: `'lease', 0,`,
  },
  { name: 'a claim takes what is sealed', file: lua('claim'), find: `status == 'sealed'`, replace: `false` },
  {
    name: 'a renewal does not compare the epoch',
    file: lua('renew'),
    find: `known[1] ~= ARGV[i + 3] or known[2] ~= 'active'`,
    replace: `known[2] ~= 'active'`,
  },
  {
    name: 'a renewal does not move the lease',
    file: lua('renew'),
    find: `local deadline = now + ARGV[1]`,
    replace: `local deadline = now`,
  },
  {
    name: 'a second seal overrides the first',
    file: lua('seal'),
    find: `status == 'active' and (ARGV[4]`,
    replace: `(status == 'active' or status == 'sealed') and (ARGV[4]`,
  },
  {
    name: 'a seal is accepted after a close',
    file: lua('seal'),
    find: `status == 'active' and (ARGV[4] == '' or ARGV[4] == epoch)`,
    replace: `(ARGV[4] == '' or ARGV[4] == epoch)`,
  },
  {
    name: 'a seal does not raise the epoch',
    file: lua('seal'),
    find: `epoch = (tonumber(string.match(epoch, '^%d+')) + 1) .. ARGV[1]`,
    replace: ``,
  },
  { name: 'a close does not compare the epoch', file: lua('close'), find: `epoch ~= ARGV[1]`, replace: `false` },
  {
    name: 'a close does not compare the position',
    file: lua('close'),
    find: `length ~= tonumber(ARGV[3])`,
    replace: `false`,
  },
  {
    name: 'a repeated close is carried out again',
    file: lua('close'),
    find: `if status ~= 'active' and status ~= 'sealed' then`,
    replace: `if false then`,
  },
  {
    name: 'a close does not change the status',
    file: lua('close'),
    find: `'status', ARGV[5], 'outcome'`,
    replace: `'outcome'`,
  },
  {
    name: 'a close gives no lifetime',
    file: lua('close'),
    find: `redis.call('PEXPIRE', key, ARGV[7])`,
    replace: `redis.call('EXISTS', key)`,
  },
  {
    name: 'a created log has no lifetime',
    file: lua('create'),
    find: `redis.call('SET', KEYS[2], ARGV[7], 'PX', ARGV[5])`,
    replace: `redis.call('SET', KEYS[2], ARGV[7])`,
  },
  {
    name: 'a stream is created twice',
    file: lua('create'),
    find: `if status and status ~= 'deleted' then return 0 end`,
    replace: ``,
  },
  {
    name: 'a stream is created though its chat points elsewhere',
    file: lua('create'),
    find: `redis.call('HGET', KEYS[4], 'stream') ~= ARGV[1]`,
    replace: `false`,
  },
  {
    name: 'a read does not prove the event id',
    file: lua('read'),
    find: `string.sub(both, 1, #proof) == proof`,
    replace: `true`,
  },
  {
    name: 'a deleted stream leaves no tombstone',
    file: lua('remove'),
    find: `redis.call('HSET', KEYS[3], 'status', 'deleted')`,
    replace: ``,
  },
  {
    name: 'a rewrite overrides another owner',
    file: lua('rewrite'),
    find: `known[2] and (known[1] ~= ARGV[1] or known[2] ~= 'active')`,
    replace: `false`,
  },
  {
    name: 'the pointer of a chat is taken from another stream',
    file: chat('point'),
    find: `now ~= seen and now ~= stream`,
    replace: `false`,
  },
  {
    name: 'settling does not clear the pointer',
    file: chat('settle'),
    find: `redis.call('HDEL', chat, 'stream', 'streamAt')`,
    replace: ``,
  },
  {
    name: 'settling brings a deleted chat back',
    file: chat('settle'),
    find: `if redis.call('HEXISTS', chat, 'createdAt') == 0 then return {} end`,
    replace: `redis.call('HSETNX', chat, 'createdAt', time)`,
  },
  {
    name: 'settling leaves the stream in the indexes',
    file: 'sidecar/streams/end/settle.ts',
    find: `    await store.unindex(streamId, askerIdOf(facts));\n`,
    replace: ``,
  },
  {
    name: 'a retried append has other bytes',
    file: write('log-writer'),
    find: `batches.length === 1 ? batches[0]! : Buffer.concat(batches)`,
    replace: `batches.at(-1)!`,
  },
  {
    name: 'a lost reply is taken for a lost append',
    file: write('log-writer'),
    find: `    acknowledge(length);\n  }`,
    replace: `    acknowledge(stored);\n  }`,
  },
  {
    name: 'frames are shown before they are stored',
    file: write('log-writer'),
    find: `    live.push(bytes);\n`,
    replace: `    live.push(bytes);\n    live.show(live.end);\n`,
  },
  {
    name: 'a fenced owner goes on with its model call',
    file: write('generation'),
    find: `    turn.end('stopped');`,
    replace: `    if (why !== 'fenced') turn.end('stopped');`,
  },
  {
    name: 'a takeover asks the model from the beginning',
    file: write('model-turn'),
    find: `request: { ...request, partial, onSign }`,
    replace: `request: { ...request, onSign }`,
  },
  {
    name: 'the end is shown before it is stored',
    file: write('generation'),
    find: `      const result = await retryUntilAnswered(ending.write, isOver);`,
    replace: `      local.live.push(ending.frames);\n      local.live.show(local.live.end);\n      const result = await retryUntilAnswered(ending.write, isOver);`,
  },
  {
    name: 'nobody closes what is sealed',
    file: 'sidecar/streams/recover/recovery.ts',
    find: `return ender.closeSealed(streamId);`,
    replace: `return false;`,
  },
  {
    name: 'a takeover forgets the message so far',
    file: 'sidecar/streams/recover/recovery.ts',
    find: `attempt: mustRestart && !isComplete ? 'restart' : 'continue',`,
    replace: `attempt: 'first',`,
  },
  {
    name: 'an owner renews what it has handed over',
    file: lua('renew'),
    find: `known[2] ~= 'active' or known[3] == '0' then`,
    replace: `known[2] ~= 'active' then`,
  },
  {
    name: 'a handover keeps the lease and is not announced',
    file: lua('release'),
    find: `redis.call('HSET', KEYS[1], 'lease', 0, 'released', 1)`,
    replace: ``,
  },
  {
    name: 'a list of chats has no lifetime',
    file: chat('list'),
    find: `redis.call('PEXPIRE', KEYS[1], ARGV[3])`,
    replace: ``,
  },
  {
    name: 'a cleanup keeps the streams that a deletion has left behind',
    file: 'sidecar/streams/recover/stream-cleanup.ts',
    find: `left.filter((_stream, i) => heads[i] === null)`,
    replace: `left.filter((_stream, i) => heads[i] === undefined)`,
  },
  {
    name: 'a chat that is deleted stays counted',
    file: counts('hold'),
    find: `if is_chat then redis.call('HINCRBY', bytes_key, '#', -1) end`,
    replace: ``,
  },
  {
    name: 'the limit of chats is not compared',
    file: counts('hold'),
    find: `chats + new_chats > most_chats`,
    replace: `false`,
  },
  {
    name: 'bytes are added again at every count',
    file: counts('hold'),
    find: `bytes - tonumber(before or 0))`,
    replace: `bytes)`,
  },
  {
    name: 'a page begins with the last chat of the page before',
    file: 'sidecar/store/chats/redis-chat-list.ts',
    find: `chatId < before.chatId`,
    replace: `chatId <= before.chatId`,
  },
  {
    name: 'a page begins with the last message of the page before',
    file: chat('messages'),
    find: `'n:' .. (number + 1)`,
    replace: `'n:' .. math.max(1, number)`,
  },
  {
    name: 'a model is asked without the conversation',
    file: 'sidecar/streams/recover/recovery.ts',
    find: `readRequest: () => history.request(request.instructions)`,
    replace: `readRequest: async () => request`,
  },
  {
    name: 'nobody tries again after an append has failed',
    file: write('group-commit'),
    find: `            source.failed();\n            schedule(source);`,
    replace: `            schedule(source);`,
  },
  {
    name: 'a stopped answer does not hold the queue',
    file: chat('settle'),
    find: `if how ~= 'completed' then redis.call('HSET', chat, 'paused', 1) end`,
    replace: ``,
  },
  {
    name: 'what was said while an answer was written gets no place',
    file: chat('settle'),
    find: `  place_said(chat, id)\n`,
    replace: ``,
  },
  {
    name: 'settling again clears the pointer to the next turn',
    file: chat('settle'),
    find: `or redis.call('HGET', chat, 'stream') ~= stream then return false end`,
    replace: `then return false end`,
  },
  {
    name: 'a chosen turn does not get the pointer',
    file: chat('settle'),
    find: `'stream', next_stream, 'streamAt', time, 'updatedAt', time)`,
    replace: `'updatedAt', time)`,
  },
  {
    name: 'a turn begins twice',
    file: lua('begin'),
    find: `if redis.call('HGET', KEYS[3], 'status') ~= 'queued' then return 0 end`,
    replace: ``,
  },
  {
    name: 'a new turn is put before those that wait',
    file: chat('enqueue'),
    find: `redis.call('RPUSH', queue, id)`,
    replace: `redis.call('LPUSH', queue, id)`,
  },
  {
    name: 'a queue has no lifetime',
    file: chat('enqueue'),
    find: `redis.call('PEXPIRE', queue, redis.call('PTTL', chat))`,
    replace: ``,
  },
  {
    name: 'a turn that is taken out stays in the queue',
    file: chat('change-queue'),
    find: `  redis.call('LREM', queue, 0, id)\n  forget(id)\n`,
    replace: ``,
  },
  {
    name: 'a turn that is moved gets the last place',
    file: chat('change-queue'),
    find: `table.insert(rest, math.max(1, math.min(at, #order)), id)`,
    replace: `rest[#rest + 1] = id`,
  },
  {
    name: 'a turn that is edited keeps its question',
    file: chat('change-queue'),
    find: `'qm:' .. id, ARGV[6], 'qw:'`,
    replace: `'qw:'`,
  },
  {
    name: 'a turn that is sent waits for the answer that it interrupts',
    file: chat('change-queue'),
    find: `if what == 'first' and points_at ~= '' then`,
    replace: `if false then`,
  },
  {
    name: 'a turn of a removed member is answered',
    file: chat('settle'),
    find: `if not refusal_of(chat, redis.call('HGET', chat, 'qa:' .. turn) or '', 'editor') then return true end`,
    replace: `if true then return true end`,
  },
  {
    name: 'a chat that is deleted gets a new branch',
    file: 'sidecar/store/lua/forks/note.lua',
    find: `if redis.call('HEXISTS', chat, 'createdAt') == 0 then return 0 end`,
    replace: ``,
  },
  {
    name: 'a chat does not name its branches',
    file: 'sidecar/chats/forks/fork-chat.ts',
    find: `return chats.noteFork(userId, { chatId, messageId, forkId });`,
    replace: `return true;`,
  },
  {
    name: 'a timer is left when a sidecar stops',
    file: write('group-commit'),
    find: `stop: () => clearInterval(watch),`,
    replace: `stop: () => {},`,
  },
];
