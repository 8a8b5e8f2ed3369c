import { ADVISORY, isPatched, PATCHED_RELEASES } from '../bootstrap/node-version.mjs';

/** The warning about a Node (`process.version`) that lacks a security fix; `null` if it has the fix. */
export function unpatchedNode(version: string): { found: string; advice: string } | null {
  if (isPatched(version)) return null;
  return {
    found: `Node ${version} lacks the fix for ${ADVISORY}`,
    advice: `Rejoin works with it, and asks no server for Brotli. If Node ${PATCHED_RELEASES} is installed on this machine, \`npm start\` uses it.`,
  };
}
