import { which } from '../shared/which.ts';

/** The nginx program, which Debian puts where only root's PATH leads; `null` where there is none. */
export const installedNginx = (): string | null => which('nginx', `${process.env.PATH ?? ''}:/usr/sbin`);
