import type { Rule } from 'eslint';

export const fixedPath: Rule.RuleModule;
