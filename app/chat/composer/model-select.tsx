import { useWords } from '~/words/words.ts';
import type { ModelChoice } from './use-model-choice.ts';

export function ModelSelect({ models, modelId, choose }: ModelChoice) {
  const { composer } = useWords();
  const isListed = models.some(({ id }) => id === modelId);
  return (
    <select
      id="model"
      className="quiet-select"
      name="modelId"
      aria-label={composer.model}
      value={modelId}
      onChange={(event) => choose(event.target.value)}
    >
      {!isListed && <option value={modelId}>{modelId}</option>}
      {models.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </select>
  );
}
