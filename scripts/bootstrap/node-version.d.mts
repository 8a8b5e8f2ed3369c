export const ADVISORY: string;
export const PATCHED_RELEASES: string;
export function runsTypeScript(version: string): boolean;
export function isPatched(version: string): boolean;
