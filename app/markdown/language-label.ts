const LABELS = new Map(
  Object.entries({
    bash: 'Shell',
    c: 'C',
    cpp: 'C++',
    cs: 'C#',
    csharp: 'C#',
    css: 'CSS',
    diff: 'Diff',
    go: 'Go',
    html: 'HTML',
    java: 'Java',
    javascript: 'JavaScript',
    js: 'JavaScript',
    json: 'JSON',
    jsx: 'JSX',
    kotlin: 'Kotlin',
    lua: 'Lua',
    markdown: 'Markdown',
    md: 'Markdown',
    php: 'PHP',
    py: 'Python',
    python: 'Python',
    rb: 'Ruby',
    rs: 'Rust',
    ruby: 'Ruby',
    rust: 'Rust',
    sh: 'Shell',
    shell: 'Shell',
    sql: 'SQL',
    swift: 'Swift',
    ts: 'TypeScript',
    tsx: 'TSX',
    typescript: 'TypeScript',
    xml: 'XML',
    yaml: 'YAML',
    yml: 'YAML',
  }),
);

const MAX_LABEL = 40;

/** The name of the language after a fence. An unknown one is shown as it was written; none is an empty text. */
export const languageLabel = (name: string): string => LABELS.get(name.toLowerCase()) ?? name.slice(0, MAX_LABEL);
