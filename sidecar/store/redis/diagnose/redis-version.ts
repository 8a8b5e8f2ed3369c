/** The store's scripts need Redis 7 (script flags, sharded pub/sub) or Valkey, whose first version was 7.2. */
export const OLDEST_REDIS = 7;

export const isNewEnough = (version: string): boolean => Number.parseInt(version, 10) >= OLDEST_REDIS;

export const REDIS_ADVISORY = 'CVE-2025-49844 (a Lua script can run native code in the server)';

/**
 * For each minor version, the first release with the fix for {@link REDIS_ADVISORY}. A minor version that is not in the list got
 * no fix, unless it is newer than every version in the list.
 */
const FIXED_REDIS = ['7.2.11', '7.4.6', '8.0.4', '8.2.2'];
const FIXED_VALKEY = ['7.2.11', '8.0.6', '8.1.4'];

/** The releases with the fix, for an operator. */
export const fixedReleases = (isValkey: boolean): string => (isValkey ? FIXED_VALKEY : FIXED_REDIS).join(', ');

/**
 * True for a release with the fix. Distributions add fixes to a release and keep its number, so `false` means only that
 * the number does not prove the fix.
 */
export function hasRedisFix(version: string, { isValkey }: { isValkey: boolean }): boolean {
  const fixed = (isValkey ? FIXED_VALKEY : FIXED_REDIS).map(parts);
  const [major, minor, patch] = parts(version);
  const ofLine = fixed.find(([fixedMajor, fixedMinor]) => fixedMajor === major && fixedMinor === minor);
  if (ofLine) return patch >= ofLine[2];
  const [newestMajor, newestMinor] = fixed.at(-1)!;
  return major > newestMajor || (major === newestMajor && minor > newestMinor);
}

function parts(version: string): [number, number, number] {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map((part) => Number.parseInt(part, 10) || 0);
  return [major, minor, patch];
}
