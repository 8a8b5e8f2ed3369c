import { useEffect, useState, type ComponentType } from 'react';
import { isEmpty, type Figure } from './admin-figures.ts';
import { fill, useWords } from '~/words/words.ts';
import { NumbersTable } from './numbers-table.tsx';

type Chart = ComponentType<{ figure: Figure }>;

/** Shows each figure as a chart, once the chart's script is loaded, and as a table. */
export function Figures({ figures }: { figures: readonly Figure[] }) {
  const { admin } = useWords();
  const Chart = useChart();
  return (
    <div className="figures">
      {figures.map((figure) => (
        <figure key={figure.id} className="figure" aria-labelledby={`${figure.id}-title`} data-figure={figure.id}>
          <figcaption>
            <h3 id={`${figure.id}-title`}>{figure.title}</h3>
            {figure.note && <p className="text-muted text-xs">{figure.note}</p>}
          </figcaption>
          {isEmpty(figure) ? <p className="nothing">{admin.nothing}</p> : <Shown figure={figure} Chart={Chart} />}
        </figure>
      ))}
    </div>
  );
}

function Shown({ figure, Chart }: { figure: Figure; Chart: Chart | null }) {
  const { admin } = useWords();
  return (
    <>
      <ul className="legend" aria-hidden="true">
        {figure.series.map(({ label, tone }) => (
          <li key={label}>
            <span className={`swatch tone-${tone}`} /> {label}
          </li>
        ))}
      </ul>
      <div className="chart needs-script" role="img" aria-label={fill(admin.chartLabel, { title: figure.title })}>
        {Chart && <Chart figure={figure} />}
      </div>
      {/* Without scripts there is no chart, so the table is open. With scripts, the stylesheet hides the rows (`data-waiting`)
          until the chart is loaded. From then on the table is closed, and the person can open it. */}
      <details className="table-of" open={!Chart} data-waiting={Chart ? undefined : ''}>
        <summary>{admin.numbers}</summary>
        <NumbersTable figure={figure} />
      </details>
    </>
  );
}

/** Loads the chart library only on a page with figures, because the library is large. Returns `null` until the library is loaded. */
function useChart(): Chart | null {
  const [chart, setChart] = useState<{ Chart: Chart } | null>(null);
  useEffect(() => {
    import('./chart.tsx').then(setChart, () => {
      // The library could not be loaded. The tables have the same numbers.
      setChart({ Chart: () => null });
    });
  }, []);
  return chart?.Chart ?? null;
}
