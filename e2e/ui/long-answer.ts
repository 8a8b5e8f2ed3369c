/** Markdown with headings, paragraphs, lists, tables and code, at least this long. */
export function longAnswer(chars: number): string {
  const sections: string[] = [];
  for (let length = 0; length < chars; length += sections.at(-1)!.length) sections.push(section(sections.length + 1));
  return `${sections.join('')}The very end.`;
}

const section = (number: number): string => `## Section ${number}

${sentences(number, 4)}

- one
- **two**
- three, which is ${number}

| Name | Value |
| --- | --- |
| section | ${number} |
| a name that is longer | and a value |

${sentences(number, 3)}

\`\`\`ts
export const section = ${number};
\`\`\`

`;

const sentences = (number: number, count: number): string =>
  `Section ${number} says *something* that is worth reading to its end, with \`code\` and more in it. `
    .repeat(count)
    .trim();
