import { useCallback, useEffect, useMemo, useState } from 'react';
import type { ModelInfo } from '../../../shared/chat.ts';
import { browserStorage } from '~/ui/browser-storage.ts';
import type { Turn } from '~/chat/conversation.ts';
import { useLayout } from '~/layout/layout-data.tsx';

const KEY = 'rejoin:model';

export interface ModelChoice {
  /** The models that can answer. */
  models: ModelInfo[];
  modelId: string;
  choose: (modelId: string) => void;
  servedByDemo: boolean;
}

/**
 * The model that answers next: the one chosen on this page, otherwise that of the chat's last answer, otherwise the last one
 * that was chosen in this browser, otherwise the default.
 */
export function useModelChoice(branch: readonly Turn[]): ModelChoice {
  const { models: list } = useLayout();
  const [chosen, setChosen] = useState<string | null>(null);
  const [remembered, setRemembered] = useState<string | null>(null);
  useEffect(() => setRemembered(browserStorage.read(KEY)), []);

  const usable = (modelId: string | null | undefined) =>
    list.models.some(({ id, available }) => id === modelId && available) ? modelId : null;
  const last = branch.findLast(({ message }) => message.modelId)?.message.modelId;
  // Hidden models, such as those for tests, are not in the list, but a chat may use one. So `last` need not be in the list.
  const modelId = usable(chosen) ?? last ?? usable(remembered) ?? list.defaultModelId;
  const models = useMemo(() => list.models.filter(({ available }) => available), [list.models]);
  const choose = useCallback((id: string) => {
    setChosen(id);
    browserStorage.write(KEY, id);
  }, []);
  return {
    models,
    modelId,
    choose,
    servedByDemo: list.models.find(({ id }) => id === modelId)?.servedBy === 'demo',
  };
}
