import type { Figure } from './admin-figures.ts';
import { fill, useWords } from '~/words/words.ts';
import { formatFigure } from './format-figure.ts';

/** The numbers of a chart. Rows with only zeros or unknown values are left out. */
export function NumbersTable({ figure: { id, title, rowTitle, series, rows, unit } }: { figure: Figure }) {
  const { admin } = useWords();
  return (
    <div className="table-scroll" role="region" aria-label={fill(admin.numbersOf, { title })} tabIndex={0}>
      <table className="numbers" aria-labelledby={`${id}-title`}>
        <thead>
          <tr>
            <th scope="col">{rowTitle}</th>
            {series.map(({ label }) => (
              <th key={label} scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows
            .filter(({ values }) => values.some(Boolean))
            .map(({ label, values }) => (
              <tr key={label}>
                <th scope="row">{label}</th>
                {values.map((value, index) => (
                  <td key={series[index]!.label}>{formatFigure(value, unit)}</td>
                ))}
              </tr>
            ))}
        </tbody>
      </table>
    </div>
  );
}
