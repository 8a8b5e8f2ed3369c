import { which } from '../shared/which.ts';

/** The path of nginx, which Debian installs where only root's PATH leads; `null` if it is not installed. */
export const installedNginx = (): string | null => which('nginx', `${process.env.PATH ?? ''}:/usr/sbin`);
