import { RejoinError } from '../../shared/errors.ts';
import type { StartBody, StartRequest } from '../../shared/stream/stream.ts';
import { builtInsOf, fillTemplate, type FieldProblem } from '../../shared/templates/fill-template.ts';
import type { Filling, TemplateUse } from '../../shared/templates/filling.ts';
import type { Preview } from '../../shared/templates/template.ts';
import type { Owner, Quota } from '../limits/quota.ts';
import type { StreamStore } from '../store/streams/stream-store.ts';
import type { TemplateStore } from '../store/templates/template-store.ts';
import type { StreamManager } from '../streams/stream-manager.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { FoundTemplate, TemplateFinder } from './find-template.ts';

/** Fills templates with values, for a request that starts a stream or for a preview. */
export interface TemplateStarts {
  /**
   * Completes the body of a start request. If the body names a template, the filled template supplies the message, and the
   * instructions if the body has none. If the body names no template, a missing list of messages becomes an empty one. If the
   * body names no model, the model of the template is used, or else the default model. Throws `not_found` or `template_invalid`.
   *
   * @param by the person who starts the answer. This person must be allowed to use the template
   * @param ownerId the owner of the chat
   */
  toRequest(by: Owner, ownerId: string, body: StartBody): Promise<StartRequest>;
  preview(userId: string, id: string, filling: Filling): Promise<Preview>;
}

export function createTemplateStarts({
  store,
  finder,
  streams,
  manager,
  quota,
  telemetry,
  defaultModelId,
  now = () => new Date(),
}: {
  store: Pick<TemplateStore, 'touch' | 'get'>;
  finder: TemplateFinder;
  streams: Pick<StreamStore, 'meta'>;
  manager: Pick<StreamManager, 'streamIdOf'>;
  quota: Pick<Quota, 'recordTemplates'>;
  telemetry: Pick<Telemetry, 'templateUsed'>;
  defaultModelId: string;
  now?: () => Date;
}): TemplateStarts {
  async function fill(userId: string, id: string, filling: Filling, path: FieldProblem['path']) {
    const found = await finder.find(userId, id, filling.version);
    const fallbackName = userId.startsWith('guest_') ? 'Guest' : userId;
    const builtIns = builtInsOf(filling, { now: now(), fallbackName });
    const { filled, problems } = fillTemplate(found.template, { values: filling.values, builtIns });
    if (problems !== null) throw invalid(problems.map((each) => ({ ...each, path: [...path, ...each.path] })));
    return { found, filled };
  }

  async function fromTemplate(
    by: Owner,
    ownerId: string,
    { body, template }: { body: StartBody; template: TemplateUse },
  ): Promise<StartRequest> {
    const { id, questionId } = template;
    const { template: _template, ...asked } = body;
    // A repeated request gets the stream of the first one, even if the filled text would be different now. The two requests are
    // compared by `filledFrom`, so no messages are needed.
    const streamId = manager.streamIdOf(ownerId, body.chatId, body.messageId);
    const isRepeated = (await streams.meta(streamId)) !== null;
    if (isRepeated) return { ...asked, filledFrom: body, modelId: body.modelId ?? defaultModelId, messages: [] };
    const { found, filled } = await fill(by.userId, id, template, ['template']);
    await keepAlive(by, found);
    telemetry.templateUsed(found.template.origin);
    const { version, modelId } = found.template;
    return {
      ...asked,
      filledFrom: body,
      modelId: body.modelId ?? modelId ?? defaultModelId,
      messages: [
        {
          ...(questionId === undefined ? {} : { id: questionId }),
          role: 'user',
          parts: [{ type: 'text', text: filled.message }],
          metadata: { template: { id, version } },
        },
      ],
      ...(body.instructions === undefined && filled.instructions !== '' ? { instructions: filled.instructions } : {}),
    };
  }

  /**
   * Postpones the expiry of a template that is used, and of the quota entries that count its bytes. If the owner is not `by`, the
   * template is published, so its owner is an administrator. Administrators have no `address`; only guests do.
   */
  async function keepAlive(by: Owner, { ownerId, template: { id } }: FoundTemplate): Promise<void> {
    if (ownerId === null) return;
    const owner = ownerId === by.userId ? by : { userId: ownerId, address: null };
    const [stored] = await Promise.all([store.get(ownerId, id), store.touch(ownerId, id)]);
    if (stored) await quota.recordTemplates(owner, [{ id, bytes: stored.bytes }]);
  }

  return {
    async toRequest(by, ownerId, body) {
      const { template, messages, modelId } = body;
      if (template !== undefined) return fromTemplate(by, ownerId, { body, template });
      return { ...body, messages: messages ?? [], modelId: modelId ?? defaultModelId };
    },

    async preview(userId, id, filling) {
      const { found, filled } = await fill(userId, id, filling, []);
      const { version, modelId } = found.template;
      return { id, version, ...filled, ...(modelId === undefined ? {} : { modelId }) };
    },
  };
}

function invalid(problems: readonly FieldProblem[]): RejoinError {
  const issues = problems.map(({ path, message }) => ({ path: path.join('.'), message }));
  return new RejoinError('template_invalid', {
    detail: `${issues[0]!.path}: ${issues[0]!.message}`,
    extra: { issues },
  });
}
