/**
 * Returns a function that finds the position after the backticks that close a code span; -1 if the span is not closed. `from`: the
 * position at which the content of the span begins, never lower than in an earlier call. `length`: the number of opening backticks.
 */
export function createCodeFinder(text: string): (from: number, length: number) => number {
  /** For each length, the ends of the runs of that many backticks, from the last run to the first. */
  let ends: Map<number, number[]> | null = null;
  return (from, length) => {
    ends ??= backtickRuns(text);
    const ofLength = ends.get(length);
    if (!ofLength) return -1;
    while (ofLength.length > 0 && ofLength.at(-1)! <= from) ofLength.pop();
    return ofLength.at(-1) ?? -1;
  };
}

function backtickRuns(text: string): Map<number, number[]> {
  const ends = new Map<number, number[]>();
  for (let end = text.length; end > 0;) {
    if (text[end - 1] !== '`') {
      end = text.lastIndexOf('`', end - 1) + 1;
      continue;
    }
    let start = end - 1;
    while (text[start - 1] === '`') start -= 1;
    const ofLength = ends.get(end - start);
    if (ofLength) ofLength.push(end);
    else ends.set(end - start, [end]);
    end = start;
  }
  return ends;
}

/**
 * The content of a code span: line ends become spaces, and if both sides have a space, one is removed from each side. If the content
 * is only white space, no space is removed.
 */
export function codeText(content: string): string {
  const line = content.replaceAll('\n', ' ');
  const isPadded = line.length > 1 && line.startsWith(' ') && line.endsWith(' ') && line.trim() !== '';
  return isPadded ? line.slice(1, -1) : line;
}
