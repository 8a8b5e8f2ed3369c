import { Bar, BarChart, CartesianGrid, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import type { Figure } from './admin-figures.ts';
import { formatFigure } from './format-figure.ts';

/** A row for the chart library: values by the index of their series. */
type Point = { label: string } & Record<number, number | null>;

const HEIGHT = 220;
const MARGIN = { top: 8, right: 8, bottom: 0, left: 0 };

/** Draws a figure. The chart is not animated, because it is drawn again each time the page's data is loaded again. */
export function Chart({ figure }: { figure: Figure }) {
  const { kind, unit, series, rows } = figure;
  const data: Point[] = rows.map(({ label, values }) => ({ label, ...values }));
  const axes = (
    <>
      <CartesianGrid vertical={false} stroke="var(--line)" />
      <XAxis dataKey="label" tickLine={false} minTickGap={24} stroke="var(--muted)" fontSize={12} />
      <YAxis
        width={unit === 'count' ? 40 : 60}
        // A non-breaking space keeps the number and its unit in one line.
        tickFormatter={(value: number) => formatFigure(value, unit).replace(' ', '\u00a0')}
        allowDecimals={unit !== 'count'}
        tickLine={false}
        axisLine={false}
        stroke="var(--muted)"
        fontSize={12}
      />
      <Tooltip
        content={({ active, label }) => (active ? <Values figure={figure} row={String(label)} /> : null)}
        cursor={{ fill: 'var(--hover)', stroke: 'var(--line)' }}
        isAnimationActive={false}
      />
    </>
  );
  if (kind === 'lines') {
    return (
      <ResponsiveContainer width="100%" height={HEIGHT}>
        <LineChart data={data} margin={MARGIN} accessibilityLayer={false}>
          {axes}
          {series.map(({ label, tone }, index) => (
            <Line
              key={label}
              dataKey={index}
              name={label}
              stroke={`var(--tone-${tone})`}
              strokeWidth={2}
              // Without dots, a single value would not be visible.
              dot={{ r: 2 }}
              connectNulls
              isAnimationActive={false}
            />
          ))}
        </LineChart>
      </ResponsiveContainer>
    );
  }
  return (
    <ResponsiveContainer width="100%" height={HEIGHT}>
      <BarChart data={data} margin={MARGIN} accessibilityLayer={false} barCategoryGap="15%">
        {axes}
        {series.map(({ label, tone }, index) => (
          <Bar
            key={label}
            dataKey={index}
            name={label}
            stackId={kind === 'stacked' ? 'all' : undefined}
            fill={`var(--tone-${tone})`}
            maxBarSize={48}
            isAnimationActive={false}
          />
        ))}
      </BarChart>
    </ResponsiveContainer>
  );
}

/** The tooltip: the values of the row at the pointer. */
function Values({ figure: { series, rows, unit }, row }: { figure: Figure; row: string }) {
  const values = rows.find(({ label }) => label === row)?.values ?? [];
  return (
    <div className="chart-values">
      <p>{row}</p>
      {series.map(({ label, tone }, index) => (
        <p key={label}>
          <span className={`swatch tone-${tone}`} /> {label}: <b>{formatFigure(values[index] ?? null, unit)}</b>
        </p>
      ))}
    </div>
  );
}
