/** The chart of `docs/benchmarks.md`: how many times faster greenlets are than each rival, on a logarithmic scale. */
import { init } from 'echarts';
import { rowName } from './measures.mjs';

const RIVALS = {
  python: { name: 'gevent (Python)', color: '#3572a5' },
  goroutines: { name: 'goroutines (Go)', color: '#00a7d0' },
  async: { name: 'async/await', color: '#e0a100' },
  effect: { name: 'Effect', color: '#8250df' },
  effection: { name: 'effection', color: '#d1477a' },
};
const ROW = 24;
const TOP = 92;
const BOTTOM = 56;

/** @returns the SVG text for a run `{node, rows}`. */
export function ratioChart({ node, rows }) {
  const shown = rows.filter(({ figures }) => Object.keys(RIVALS).some((rival) => rival in figures));
  const size = { width: 900, height: TOP + BOTTOM + ROW * shown.length };
  const chart = init(null, null, { renderer: 'svg', ssr: true, ...size });
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    title: {
      text: 'How many times better greenlets are',
      subtext: `Node ${node}; right of 1: less time, processor time or memory than the rival`,
      left: 20,
      top: 10,
    },
    legend: { right: 20, top: 14, itemGap: 16, data: Object.values(RIVALS).map(({ name }) => name) },
    grid: { left: 190, right: 30, top: TOP, bottom: BOTTOM },
    xAxis: {
      type: 'log',
      axisLabel: { formatter: (value) => `${Number(value.toPrecision(1))}×` },
      axisLine: { show: false },
      splitLine: { lineStyle: { color: '#e6e6e6' } },
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: shown.map(rowName),
      axisTick: { show: false },
      axisLine: { show: false },
      axisLabel: { color: '#333333' },
      splitLine: { show: true, lineStyle: { color: '#f2f2f2' } },
    },
    series: Object.entries(RIVALS).map(([rival, style], i) => series(shown, rival, style, i === 0)),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

/** One dot a case. The first series also draws the line of equality. */
function series(rows, rival, { name, color }, first) {
  const line = { silent: true, symbol: 'none', label: { show: false }, lineStyle: { color: '#555555', type: 'solid' } };
  return {
    type: 'scatter',
    name,
    color,
    symbolSize: 11,
    data: rows.flatMap((row, i) => (rival in row.figures ? [[row.figures[rival] / row.figures.greenlets, i]] : [])),
    ...(first ? { markLine: { ...line, data: [{ xAxis: 1 }] } } : {}),
  };
}
