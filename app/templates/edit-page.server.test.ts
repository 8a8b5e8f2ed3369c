import type { ActionFunctionArgs } from '@remix-run/node';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { RejoinError } from '../../shared/errors.ts';
import { editAction } from './edit-page.server.ts';
import { startFromTemplate, templatePath } from './template-page.server.ts';

const sidecar = vi.hoisted(() => ({
  putTemplate: vi.fn(),
  patchTemplate: vi.fn(),
  deleteTemplate: vi.fn(),
  createTemplate: vi.fn(),
  listTemplates: vi.fn(),
  startStream: vi.fn(),
}));
vi.mock('./templates.server.ts', () => sidecar);
vi.mock('~/sidecar-client/sidecar.server.ts', () => sidecar);
vi.mock('~/http/page-request.server.ts', () => ({
  pageAction: async ({ request }: ActionFunctionArgs, act: (context: object) => unknown) =>
    act({ user: USER, form: await request.formData(), done: (path: string) => path }),
}));
const USER = { userId: 'u1', isOperator: true } as Parameters<typeof startFromTemplate>[0];

const submit = (fields: Record<string, string>, id: string | null = 't1'): Promise<unknown> => {
  const request = new Request('http://localhost/', { method: 'POST', body: new URLSearchParams(fields) });
  return editAction({ request, params: {}, context: {} } as ActionFunctionArgs, id) as Promise<unknown>;
};
const answered = async (answer: unknown) => (await (answer as Response).json()) as Record<string, unknown>;
const changed = () => Promise.reject(new RejoinError('template_changed'));
beforeEach(() => void sidecar.listTemplates.mockResolvedValue([]));
afterEach(() => vi.resetAllMocks());

describe('the editor of a template', () => {
  test('gives back the etag with the draft, so that a save after a preview is refused if the template has changed', async () => {
    const typed = { title: 'Mine', message: 'x', etag: 'old' };
    expect(await answered(await submit({ ...typed, intent: 'preview' }))).toMatchObject({
      etag: 'old',
      draft: { name: 'Mine' },
    });
    sidecar.putTemplate.mockImplementation(changed);
    const refused = await answered(await submit({ ...typed, intent: 'save' }));
    expect(refused).toMatchObject({ etag: 'old', draft: { name: 'Mine' }, problem: { code: 'template_changed' } });
    expect(sidecar.putTemplate.mock.calls[0]![2]).toMatchObject({ conditions: { 'if-match': '"old"' } });
  });

  test('sends no draft back if an action outside the editor’s form is refused, so the page keeps what was typed', async () => {
    sidecar.patchTemplate.mockImplementation(changed);
    for (const intent of ['publish', 'withdraw', 'live']) {
      const answer = await answered(await submit({ intent, etag: 'old', version: '1' }));
      expect(Object.keys(answer)).toEqual(['problem']);
    }
  });

  test('deletes only after a confirmation', async () => {
    expect(await submit({ intent: 'delete' })).toBe('/templates/t1/edit?confirm=delete');
    expect(sidecar.deleteTemplate).not.toHaveBeenCalled();
    expect(await submit({ intent: 'delete', confirm: 'yes' })).toBe('/templates');
    expect(sidecar.deleteTemplate).toHaveBeenCalledOnce();
  });
});

test('two own templates cannot have the same command, but an own template can have the command of a shipped one', async () => {
  const typed = { title: 'Mine', command: 'mine', message: 'x', intent: 'save' };
  sidecar.listTemplates.mockResolvedValue([
    { id: 't2', command: 'mine', name: 'Other', origin: 'own' },
    { id: 'review', command: 'review', name: 'Review', origin: 'shipped' },
  ]);
  expect(await answered(await submit(typed))).toMatchObject({
    problem: { message: expect.stringContaining('/mine is the command of “Other” already.') as string },
  });
  expect(await submit(typed, 't2')).toBe('/templates/t2');
  expect(await submit({ ...typed, command: 'review' })).toBe('/templates/t1');
});

describe('without JavaScript, the page of a template', () => {
  test('keeps the chat of the composer, and whether this chat is temporary, until the answer is started', async () => {
    sidecar.listTemplates.mockResolvedValue([{ id: 'r1', command: 'review' }]);
    const path = (text: string, chatId: string | null, temporary: boolean) =>
      templatePath({ user: USER, language: 'en' }, text, { chatId, temporary });
    expect(await path('/review', null, true)).toBe('/templates/r1?temporary=1');
    expect(await path('/', 'c1', true)).toBe('/templates?chat=c1&temporary=1');
    expect(await path('/review', 'c1', false)).toBe('/templates/r1?chat=c1');
    const template = { id: 'r1', values: {} };
    await startFromTemplate(USER, { fresh: 'f1', chatId: '', temporary: true, template });
    expect(sidecar.startStream.mock.calls[0]![1]).toMatchObject({ chatId: 'f1', temporary: true, whenBusy: 'queue' });
    await startFromTemplate(USER, { fresh: 'f1', chatId: 'c1', temporary: false, template });
    expect(sidecar.startStream.mock.calls[1]![1]).not.toHaveProperty('temporary');
  });
});
