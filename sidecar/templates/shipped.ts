import { newTemplateSchema } from '../../shared/templates/template.ts';
import type { TemplateContent } from '../../shared/templates/content.ts';

/** The templates that everybody has. They are checked like all others, once, when the sidecar starts. */
const SHIPPED = [
  {
    id: 'review',
    name: 'Review my work',
    command: 'review',
    description: 'Finds mistakes in a text or in code, the worst first.',
    instructions: 'You review carefully. Name only what is really there, and quote the place.',
    message: `Please review the text below. Pay most attention to: {{focus}}.

List what you find, the worst first. For each: the place, what is wrong, and a better version. Name at most {{findings}} findings.

{{text}}`,
    variables: [
      {
        type: 'text',
        name: 'focus',
        label: 'Pay attention to',
        default: 'mistakes and unclear places',
        maxLength: 500,
      },
      { type: 'number', name: 'findings', label: 'Maximum number of findings', default: 5, min: 1, max: 20 },
      { type: 'textarea', name: 'text', label: 'The text or code', required: true },
    ],
  },
  {
    id: 'summarize',
    name: 'Summarize a text',
    command: 'summarize',
    description: 'The gist of a long text, in the form that you choose.',
    message: `Summarize the text below for {{reader}}, as {{form}}. Add nothing that is not in it. Quote the most important numbers: {{numbers}}.

{{text}}`,
    variables: [
      { type: 'text', name: 'reader', label: 'For whom', default: 'somebody who has two minutes', maxLength: 200 },
      {
        type: 'select',
        name: 'form',
        label: 'As',
        options: ['five bullet points', 'one paragraph', 'one sentence', 'a table'],
        default: 'five bullet points',
      },
      { type: 'boolean', name: 'numbers', label: 'With the most important numbers', default: true },
      { type: 'textarea', name: 'text', label: 'The text', required: true },
    ],
  },
  {
    id: 'plan',
    name: 'Make a plan',
    command: 'plan',
    description: 'Steps from today to a day, with what could go wrong.',
    message: `Today is {{date}}. Make a plan for this goal: {{goal}}

It has to be done by {{deadline}}. I have {{hours}} hours a week for it. Begin with the first step that I can do today, and end with what could go wrong.`,
    variables: [
      { type: 'textarea', name: 'goal', label: 'The goal', required: true },
      { type: 'date', name: 'deadline', label: 'Done by', required: true },
      { type: 'number', name: 'hours', label: 'Hours a week', default: 5, min: 1, max: 80 },
    ],
  },
] as const;

/** By id. They never change while a sidecar runs, so each has only version 1. */
export const shippedTemplates: ReadonlyMap<string, TemplateContent> = new Map(
  SHIPPED.map((template) => {
    const { id, ...content } = newTemplateSchema.parse(template);
    return [id!, content];
  }),
);
