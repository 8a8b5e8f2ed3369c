/**
 * Loaded first (`node --import`). Puts one deliberate fault, the mutant named by the environment variable `MUTANT`, into its
 * source file while that file is read. The file on disk is not changed.
 */
import fs from 'node:fs';
import { registerHooks, syncBuiltinESMExports } from 'node:module';
import { fileURLToPath } from 'node:url';
import { MUTANTS } from './mutants.ts';

const mutant = MUTANTS.find(({ name }) => name === process.env.MUTANT);
if (mutant === undefined) throw new Error(`There is no mutant "${process.env.MUTANT}".`);
const { file, find, replace } = mutant;
const path = fileURLToPath(new URL(`../../${file}`, import.meta.url));

function mutate(source: string): string {
  const parts = source.split(find);
  if (parts.length !== 2)
    throw new Error(`"${find}" occurs ${parts.length - 1} times in ${file}; it must occur exactly once`);
  return parts.join(replace);
}

if (file.endsWith('.lua')) {
  const read = fs.readFileSync;
  const isMutated = (from: unknown) => from instanceof URL && fileURLToPath(from) === path;
  fs.readFileSync = ((from: fs.PathOrFileDescriptor, ...rest: [BufferEncoding]) => {
    const source = read(from, ...rest);
    return isMutated(from) ? mutate(source) : source;
  }) as unknown as typeof fs.readFileSync;
  syncBuiltinESMExports();
} else {
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (!url.startsWith('file:') || fileURLToPath(url) !== path) return loaded;
      return { ...loaded, source: mutate(String(loaded.source)) };
    },
  });
}
