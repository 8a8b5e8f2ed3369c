import type { Total } from './admin-figures.ts';

export function Totals({ totals }: { totals: readonly Total[] }) {
  return (
    <dl className="totals">
      {totals.map(({ label, value, note }) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd className="value">{value}</dd>
          {note && <dd className="note">{note}</dd>}
        </div>
      ))}
    </dl>
  );
}
