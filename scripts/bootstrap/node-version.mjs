/**
 * For each major version of Node, the first minor and patch version that fixes CVE-2026-111497 (a crafted Brotli body overruns
 * memory). A major version that is not listed is newer than the fix, or is no longer maintained and will not get the fix.
 */
const PATCHED = new Map([
  [22, [23, 4]],
  [24, [22, 1]],
  [26, [12, 1]],
]);
const NEWEST_PATCHED_LINE = 26;

export const ADVISORY = 'CVE-2026-111497 (Brotli decoder)';
export const PATCHED_RELEASES = '26.12.1, 24.22.1 or 22.23.4';

/** Node strips types without a flag from 22.18 on. Node 23 and 25 are refused, because they are no longer maintained. */
export function runsTypeScript(version) {
  const [major, minor] = parts(version);
  return major === 22 ? minor >= 18 : major >= 24 && major !== 25;
}

/** True for a release that has the fix. A pre-release of the first such release does not have it. */
export function isPatched(version) {
  const [major, minor, patch] = parts(version);
  const first = PATCHED.get(major);
  if (!first) return major > NEWEST_PATCHED_LINE;
  if (version.includes('-')) return minor > first[0] || (minor === first[0] && patch > first[1]);
  return minor > first[0] || (minor === first[0] && patch >= first[1]);
}

/** The three numbers of a version such as `v26.10.0` or `26.10.0`. */
const parts = (version) => version.replace(/^v/, '').split('-')[0].split('.').map(Number);
