import { SCRIPTS } from '../sidecar/store/redis/scripts.ts';

/**
 * Collects the orderings of Lua scripts that were seen. The ordering `claim → append` means that one sidecar ran the script `claim`,
 * and the next script that ran was `append`, at another sidecar.
 */
export interface Coverage {
  add(orderings: ReadonlySet<string>): void;
  /** One line: how many orderings were seen, and which scripts were in none of them. */
  summary(): string;
  /** One line per script: the scripts that ran directly after it at another sidecar. */
  lines(): string[];
}

export const orderingOf = (before: string, after: string): string => `${before} → ${after}`;

export function createCoverage(): Coverage {
  const names = Object.keys(SCRIPTS);
  const seen = new Set<string>();
  const after = (before: string) => names.filter((name) => seen.has(orderingOf(before, name)));
  const isKnown = (name: string) => after(name).length > 0 || names.some((other) => seen.has(orderingOf(other, name)));
  return {
    add(orderings) {
      for (const ordering of orderings) seen.add(ordering);
    },
    summary() {
      const run = names.filter(isKnown);
      const missing = names.filter((name) => !isKnown(name));
      return (
        `${seen.size} of ${run.length ** 2} orderings of ${run.length} scripts` +
        (missing.length > 0 ? ` (not seen: ${missing.join(', ')})` : '')
      );
    },
    lines: () => names.map((name) => `${name}: ${after(name).join(', ') || '-'}`),
  };
}
