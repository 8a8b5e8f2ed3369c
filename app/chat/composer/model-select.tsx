import type { ModelChoice } from './use-model-choice.ts';

/** The models that can answer, and below them those that cannot, each with the reason. */
export function ModelSelect({ models, modelId, choose }: ModelChoice) {
  const available = models.filter((model) => model.available);
  const others = models.filter((model) => !model.available);
  const isListed = models.some(({ id }) => id === modelId);
  return (
    <select
      className="quiet-select"
      name="modelId"
      aria-label="Model"
      value={modelId}
      onChange={(event) => choose(event.target.value)}
    >
      {!isListed && <option value={modelId}>{modelId}</option>}
      {available.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
      {others.length > 0 && (
        <optgroup label="Not available here">
          {others.map(({ id, name, reason }) => (
            <option key={id} value={id} disabled title={reason}>
              {reason ? `${name} (${reason})` : name}
            </option>
          ))}
        </optgroup>
      )}
    </select>
  );
}
