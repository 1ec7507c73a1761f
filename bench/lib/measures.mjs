/** What programs measure, and how figures are written. */

/** By the key that the programs print. */
export const measures = {
  ns_per_op: { measure: 'time', unit: 'ns' },
  cpu_ns_per_op: { measure: 'CPU', unit: 'ns' },
  bytes_per_op: { measure: 'memory', unit: 'bytes' },
  caches_rejected: { measure: 'code caches rejected', unit: 'count' },
};

export const unitOf = (name) => Object.values(measures).find(({ measure }) => measure === name).unit;

/** What a row is called: the case, and the measure if it is not the one that a case usually has. */
export function rowName({ name, measure }) {
  return measure === 'time' || measure === 'memory' ? name : `${name} (${measure})`;
}

const scales = {
  ns: { s: 1e9, ms: 1e6, µs: 1e3, ns: 1 },
  bytes: { MB: 1024 * 1024, KB: 1024, bytes: 1 },
  count: { '': 1 },
};

/** `12.3 µs`, `4.00 KB`. */
export function amount(value, unit) {
  const steps = Object.entries(scales[unit]);
  const [name, step] = steps.find(([, size]) => Math.abs(value) >= size) ?? steps.at(-1);
  return `${short(value / step)} ${name}`.trim();
}

/** Three digits that count. */
export function short(value) {
  if (Number.isInteger(value)) return value.toLocaleString('en-US');
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3);
}

/** How our figure compares with theirs; a dash where one is missing, or nothing (of growth, it may be less). */
export function comparison(ours, theirs) {
  if (!(ours > 0 && theirs > 0)) return '–';
  return ours <= theirs ? `${short(theirs / ours)}× better` : `${short(ours / theirs)}× worse`;
}
