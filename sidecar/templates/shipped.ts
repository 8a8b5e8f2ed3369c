import { newTemplateSchema } from '../../shared/templates/template.ts';
import type { TemplateContent } from '../../shared/templates/content.ts';

interface Texts {
  name: string;
  description: string;
  instructions?: string;
  message: string;
  /** The label of each blank, by the name of the blank. */
  labels: Record<string, string>;
  /** The default text of the blank `focus` (in `review`) or `reader` (in `summarize`). */
  fallback?: string;
  /** The options of the blank `form` (in `summarize`). The first one is the default. */
  options?: string[];
}

/** The shipped templates of one language. Their ids end with the language, except for the English ones. */
const inLanguage = (language: string, { review, summarize, plan }: Record<'review' | 'summarize' | 'plan', Texts>) => {
  const common = (command: string, { name, description, instructions, message }: Texts) => ({
    id: language === 'en' ? command : `${command}-${language}`,
    language,
    command,
    name,
    description,
    message,
    ...(instructions === undefined ? {} : { instructions }),
  });
  const blank = ({ labels }: Texts, name: string) => ({ name, label: labels[name]! });
  return [
    {
      ...common('review', review),
      variables: [
        { ...blank(review, 'focus'), type: 'text', default: review.fallback, maxLength: 500 },
        { ...blank(review, 'findings'), type: 'number', default: 5, min: 1, max: 20 },
        { ...blank(review, 'text'), type: 'textarea', required: true },
      ],
    },
    {
      ...common('summarize', summarize),
      variables: [
        { ...blank(summarize, 'reader'), type: 'text', default: summarize.fallback, maxLength: 200 },
        { ...blank(summarize, 'form'), type: 'select', options: summarize.options, default: summarize.options?.[0] },
        { ...blank(summarize, 'numbers'), type: 'boolean', default: true },
        { ...blank(summarize, 'text'), type: 'textarea', required: true },
      ],
    },
    {
      ...common('plan', plan),
      variables: [
        { ...blank(plan, 'goal'), type: 'textarea', required: true },
        { ...blank(plan, 'deadline'), type: 'date', required: true },
        { ...blank(plan, 'hours'), type: 'number', default: 5, min: 1, max: 80 },
      ],
    },
  ];
};

const ENGLISH = inLanguage('en', {
  review: {
    name: 'Review my work',
    description: 'Finds mistakes in a text or in code, the worst first.',
    instructions: 'You review carefully. Name only what is really there, and quote the place.',
    message: `Please review the text below. Pay most attention to: {{focus}}.

List what you find, the worst first. For each: the place, what is wrong, and a better version. Name at most {{findings}} findings.

{{text}}`,
    labels: { focus: 'Pay attention to', findings: 'Maximum number of findings', text: 'The text or code' },
    fallback: 'mistakes and unclear places',
  },
  summarize: {
    name: 'Summarize a text',
    description: 'The gist of a long text, in the form that you choose.',
    message: `Summarize the text below for {{reader}}, as {{form}}. Add nothing that is not in it. Quote the most important numbers: {{numbers}}.

{{text}}`,
    labels: { reader: 'For whom', form: 'As', numbers: 'With the most important numbers', text: 'The text' },
    fallback: 'somebody who has two minutes',
    options: ['five bullet points', 'one paragraph', 'one sentence', 'a table'],
  },
  plan: {
    name: 'Make a plan',
    description: 'Steps from today to a day, with what could go wrong.',
    message: `Today is {{date}}. Make a plan for this goal: {{goal}}

It has to be done by {{deadline}}. I have {{hours}} hours a week for it. Begin with the first step that I can do today, and end with what could go wrong.`,
    labels: { goal: 'The goal', deadline: 'Done by', hours: 'Hours a week' },
  },
});

const GERMAN = inLanguage('de', {
  review: {
    name: 'Meine Arbeit prüfen',
    description: 'Findet Fehler in einem Text oder in Code, die schlimmsten zuerst.',
    instructions: 'Du prüfst sorgfältig. Nenne nur, was wirklich da ist, und zitiere die Stelle.',
    message: `Bitte prüfe den Text unten. Achte vor allem auf: {{focus}}.

Liste auf, was du findest, das Schlimmste zuerst. Jeweils: die Stelle, was falsch ist, und eine bessere Fassung. Nenne höchstens {{findings}} Punkte.

{{text}}`,
    labels: { focus: 'Achte auf', findings: 'Höchstzahl der Punkte', text: 'Der Text oder Code' },
    fallback: 'Fehler und unklare Stellen',
  },
  summarize: {
    name: 'Einen Text zusammenfassen',
    description: 'Das Wichtigste aus einem langen Text, in der Form, die du wählst.',
    message: `Fasse den Text unten zusammen, für {{reader}}, als {{form}}. Füge nichts hinzu, was nicht darin steht. Nenne die wichtigsten Zahlen: {{numbers}}.

{{text}}`,
    labels: { reader: 'Für wen', form: 'Als', numbers: 'Mit den wichtigsten Zahlen', text: 'Der Text' },
    fallback: 'jemanden, der zwei Minuten Zeit hat',
    options: ['fünf Stichpunkte', 'ein Absatz', 'ein Satz', 'eine Tabelle'],
  },
  plan: {
    name: 'Einen Plan machen',
    description: 'Schritte von heute bis zu einem Tag, und was schiefgehen kann.',
    message: `Heute ist {{date}}. Mach einen Plan für dieses Ziel: {{goal}}

Es muss bis {{deadline}} erreicht sein. Ich habe dafür {{hours}} Stunden in der Woche. Beginne mit dem ersten Schritt, den ich heute tun kann, und ende damit, was schiefgehen kann.`,
    labels: { goal: 'Das Ziel', deadline: 'Fertig bis', hours: 'Stunden in der Woche' },
  },
});

const CHINESE = inLanguage('zh', {
  review: {
    name: '检查我的内容',
    description: '找出文字或代码中的错误，最严重的排在最前。',
    instructions: '请仔细检查。只指出确实存在的问题，并引用原文。',
    message: `请检查下面的内容，重点关注：{{focus}}。

请列出你发现的问题，最严重的排在最前。每一条写明：位置、问题所在以及更好的写法。最多列出 {{findings}} 条。

{{text}}`,
    labels: { focus: '重点关注', findings: '最多几条', text: '文字或代码' },
    fallback: '错误和不清楚的地方',
  },
  summarize: {
    name: '总结一段文字',
    description: '用您选择的形式概括长文的要点。',
    message: `请为{{reader}}总结下面的文字，形式为{{form}}。不要添加原文没有的内容。引用最重要的数字：{{numbers}}。

{{text}}`,
    labels: { reader: '读者', form: '形式', numbers: '包含最重要的数字', text: '文字' },
    fallback: '只有两分钟的人',
    options: ['五个要点', '一段话', '一句话', '一张表格'],
  },
  plan: {
    name: '制定计划',
    description: '从今天到某一天的步骤，以及可能出现的问题。',
    message: `今天是 {{date}}。请为这个目标制定计划：{{goal}}

必须在 {{deadline}} 之前完成。我每周有 {{hours}} 小时。请从今天就能做的第一步开始，最后写出可能出现的问题。`,
    labels: { goal: '目标', deadline: '截止日期', hours: '每周小时数' },
  },
});

/** The templates that everybody has. `newTemplateSchema` checks them when the sidecar starts. */
const SHIPPED = [...ENGLISH, ...GERMAN, ...CHINESE];

/** The ids of the shipped templates of a language; the English ones if there are none in that language. */
export function shippedIds(language: string): string[] {
  const ids = SHIPPED.filter((template) => template.language === language).map(({ id }) => id);
  return ids.length > 0 ? ids : shippedIds('en');
}

/** The shipped templates by id. A shipped template never changes while a sidecar runs, so it has only version 1. */
export const shippedTemplates: ReadonlyMap<string, TemplateContent> = new Map(
  SHIPPED.map(({ language: _language, ...template }) => {
    const { id, ...content } = newTemplateSchema.parse(template);
    return [id!, content];
  }),
);
