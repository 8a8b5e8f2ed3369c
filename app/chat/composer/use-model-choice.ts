import { useCallback, useMemo, useState } from 'react';
import type { ModelInfo } from '../../../shared/chat/chat.ts';
import type { Turn } from '~/chat/conversation.ts';
import { useLayout } from '~/layout/layout-data.tsx';
import { rememberModel } from '~/layout/remembered-model.ts';

export interface ModelChoice {
  /** The models that can answer. */
  models: ModelInfo[];
  modelId: string;
  choose: (modelId: string) => void;
  /** True if the built-in demo answers because no other model can. */
  onlyDemo: boolean;
}

/**
 * The model that answers next: the one chosen on this page, otherwise that of the chat's last answer, otherwise the last one
 * that was chosen in this browser, otherwise the default.
 */
export function useModelChoice(branch: readonly Turn[]): ModelChoice {
  const { models: list, rememberedModel } = useLayout();
  const [chosen, setChosen] = useState<string | null>(null);

  const usable = (modelId: string | null | undefined) =>
    list.models.some(({ id, available }) => id === modelId && available) ? modelId : null;
  const last = branch.findLast(({ message }) => message.modelId)?.message.modelId;
  // Hidden models, such as those for tests, are not in the list, but a chat may use one. So `last` is used even if the list lacks it.
  const modelId = usable(chosen) ?? last ?? usable(rememberedModel) ?? list.defaultModelId;
  const models = useMemo(() => list.models.filter(({ available }) => available), [list.models]);
  const choose = useCallback((id: string) => {
    setChosen(id);
    rememberModel(id);
  }, []);
  return {
    models,
    modelId,
    choose,
    onlyDemo: list.models.find(({ id }) => id === modelId)?.servedBy === 'demo' && models.length === 1,
  };
}
