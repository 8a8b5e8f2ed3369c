/** Each sample is one of these patterns, repeated until it has the length of all samples. Models write most of the patterns. */
const M = {
  'M1 words and <':
    'Run the loop while i<n and add one each time, then compare a<b and stop. This sentence has to be seen too.\n\n',
  'M2 bold, CJK':
    '**重点，**就是这个。\n\n**“引用”**很重要。\n\n* **具体：**与其说少，不如说多。\n* **注意（重要）。**请看。\n\nこれは**「強調」**です。\n\n',
  'M3 addresses, CJK':
    '看 https://example.com/docs（说明）了解更多。\n\n见 https://example.com/guide。下一句。\n\n参照：https://example.com/a、続き。\n\n',
  'M4 tildes': 'Plates are 0.3~8mm and 2~4mm thick. It takes ~3 to ~5 minutes (~2000 lines). Really ~~gone~~.\n\n',
  'M5 fences':
    '```markdown\n# Title\n```js\nlet a;\n```\nafter the inner one\n```\n\n````markdown\n```js\nlet b;\n```\n````\n\n1. In a list\n   ```sh\n   ls\n   ```\n2. And on\n\n',
  'M6 <br> in cells':
    '| Step | What |\n|---|---|\n| 1 | wash<br>peel<br/>cut |\n| 2 | boil<br />salt |\n\nOne<br>two.\n\n',
  'M7 quotes': '>',
  'M8 bold words': '**a** b ',
  'M9 formulas': 'Inline \\(a_1 + b_2\\), block \\[\\sum_{j<k} x_j\\], and $$x_j$$ and $5 and $6.\n\n',
  'M10 names': 'Use snake_case_names, __init__.py, call foo(*args, **kwargs), take arr[1]. 5*3*2 is 30.\n\n',
  'M11 table': '| row 1 | **7** | `x1` |\n',
  'M12 code': 'const x = 1; // something\n',
  '> - ': '> - ',
  '- ': '- ',
  '*a **b': '*a **b ',
  _a: '_a ',
  '<': '<',
  'a, empty line': 'a\n\n',
  'wide table': '| a ',
};
const HEADS: Record<string, string> = { 'M11 table': '| a | b | c |\n|---|---|---|\n', 'M12 code': '```js\n' };

export const markdownSamples = (length: number): { name: string; text: string }[] =>
  Object.entries(M).map(([name, pattern]) => {
    const head = name === 'wide table' ? wideHead(length) : (HEADS[name] ?? '');
    return { name, text: (head + pattern.repeat(Math.ceil(length / pattern.length))).slice(0, length) };
  });

/** The head of a table. Each of its two lines is a tenth of the text. */
const wideHead = (length: number): string => {
  const columns = Math.floor(length / 40);
  return `${'| a '.repeat(columns)}|\n${'|---'.repeat(columns)}|\n`;
};
