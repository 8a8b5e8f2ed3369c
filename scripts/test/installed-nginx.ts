import { which } from '../shared/which.ts';

/** The path of nginx; `null` if it is not installed. Debian installs it into a folder that is only on root's PATH. */
export const installedNginx = (): string | null => which('nginx', `${process.env.PATH ?? ''}:/usr/sbin`);
