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

/** The label for the language name after a fence. An unknown name is kept, cut to 40 characters; an empty one stays empty. */
export const languageLabel = (name: string): string => LABELS.get(name.toLowerCase()) ?? name.slice(0, MAX_LABEL);
