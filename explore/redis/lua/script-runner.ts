import type { Database, Reply } from '../database.ts';
import { compile, type Compiled } from './compiler.ts';
import { toReply, useDatabase } from './library.ts';
import { Table } from './values.ts';

/** Runs the product's Lua scripts in this process, translated into JavaScript. `redis.test.ts` runs the store suites with it. */
export interface ScriptRunner {
  /** @throws CommandError for an error in the script or in a command that it calls */
  run(script: string, keys: readonly string[], args: readonly string[]): Reply;
}

const compiled = new Map<string, Compiled>();

export function createScriptRunner(database: Database): ScriptRunner {
  return {
    run(script, keys, args) {
      let made = compiled.get(script);
      if (made === undefined) compiled.set(script, (made = compile(script)));
      useDatabase(database);
      return toReply(made(new Table([...keys]), new Table([...args]))[0]);
    },
  };
}
