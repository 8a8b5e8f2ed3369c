import type { Admission } from '../sidecar/limits/admission.ts';

/** Admits every new stream, for tests that are not about limits. */
export const admitAll: Admission = { admit: async () => {}, admitWaiting: async () => {}, release: () => {} };
