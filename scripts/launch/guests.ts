import { parseConfig } from '../../app/process/config.server.ts';
import type { Env } from '../shared/settings.ts';

/**
 * Returns GUESTS_MAY_EDIT for the sidecar: if only this machine reaches the app and nobody signs in, guests may write in the rooms of
 * others, because everybody who can open an invitation uses this machine. Otherwise, or if the operator has set GUESTS_MAY_EDIT,
 * returns no setting.
 */
export function guestSettings(env: Env): Env {
  if (env.GUESTS_MAY_EDIT) return {};
  try {
    const { clerk, isForThisMachine } = parseConfig(env);
    return clerk === null && isForThisMachine ? { GUESTS_MAY_EDIT: '1' } : {};
  } catch {
    return {}; // the app itself reports what is wrong with its settings
  }
}
