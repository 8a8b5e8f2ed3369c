import type { Quota } from '../limits/quota.ts';
import type { StreamStore } from '../store/streams/stream-store.ts';
import type { TemplateStore } from '../store/templates/template-store.ts';
import type { StreamManager } from '../streams/stream-manager.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { createTemplateFinder } from './find-template.ts';
import { createTemplateStarts } from './start-template.ts';
import { createTemplates } from './templates.ts';

/** All that the sidecar does with templates: keep them, and fill them for a start. */
export function openTemplates({
  store,
  quota,
  ...rest
}: {
  store: TemplateStore;
  quota: Pick<Quota, 'reserveTemplates' | 'recordTemplates'>;
  streams: Pick<StreamStore, 'meta'>;
  manager: Pick<StreamManager, 'streamIdOf'>;
  telemetry: Pick<Telemetry, 'templateUsed'>;
  defaultModelId: string;
}) {
  const finder = createTemplateFinder({ store });
  return {
    templates: createTemplates({ store, finder, quota }),
    templateStarts: createTemplateStarts({ store, finder, quota, ...rest }),
  };
}
