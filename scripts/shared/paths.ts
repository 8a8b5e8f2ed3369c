import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** The folder for data that is kept between starts: Redis's data, generated secrets. Not in git. */
export const dataDir = join(root, '.data');

export const inRoot = (...parts: string[]): string => join(root, ...parts);
