import type { Judgement } from '../../sidecar/store/redis/diagnose/judge-server.ts';

/**
 * The result of one check. `note`: for information; `warn`: it works now, but may fail later; `fail`: it does not work.
 */
export type Finding = Judgement;

const SUBJECT_CHARS = 16;

/** For example `ok    Redis            7.4.6 at redis:6379`. */
export const findingLine = ({ level, subject, found, advice }: Finding): string =>
  `${level.padEnd(5)} ${subject.padEnd(SUBJECT_CHARS)} ${found}${advice === undefined ? '' : ` → ${advice}`}`;
