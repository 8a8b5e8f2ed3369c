import type { Judgement } from '../../sidecar/store/redis/judge-server.ts';

/**
 * What one look has found. `note`: nothing is wrong, but good to know; `warn`: it works now and may not later; `fail`:
 * it does not work.
 */
export type Finding = Judgement;

const SUBJECT_CHARS = 16;

/** One line. */
export const findingLine = ({ level, subject, found, advice }: Finding): string =>
  `${level.padEnd(5)} ${subject.padEnd(SUBJECT_CHARS)} ${found}${advice === undefined ? '' : ` → ${advice}`}`;
