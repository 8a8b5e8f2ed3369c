export const SAMPLE_CODE = 'export function wait(attempt: number): number {\n  return 250 * Math.pow(2, attempt);\n}';

/** An answer with the kinds of Markdown that models use most. */
export const RICH_ANSWER = `# Retrying

Some words that are **bold**, some in \`code\`, and a [link](https://example.com/docs).

- first
- second
  1. inner one
  2. inner two

| Method | When |
| --- | ---: |
| backoff | always |
| jitter | **with it** |

\`\`\`ts
${SAMPLE_CODE}
\`\`\`

That is *all* of it.`;

/** Markdown syntax that must never be visible while {@link RICH_ANSWER} is being written. */
export const RAW_SIGNS = /\*\*|`|\]\(|^#|\n\|/;
