import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** What a start leaves for the next one: Redis's data, generated secrets. Not in git. */
export const dataDir = join(root, '.data');

export const inRoot = (...parts: string[]): string => join(root, ...parts);
