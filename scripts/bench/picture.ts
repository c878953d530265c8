import * as names from './names.ts';
import type { Row, SizeResult } from './report.ts';

const WIDTH = 900;
const LEFT = 352;
const RIGHT = 70;
const ROW = 26;
const BAR = 16;
const HEAD = 64;
const GAP = 56;
const PLOT = 260;

/** Readable on a light and on a dark page, and where colours cannot be told apart: every bar and line is named. */
const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .title { font-weight: 600; font-size: 15px; }
  .small { font-size: 11px; fill: #59636e; }
  .ours { fill: #1a7f5a; stroke: #1a7f5a; }
  .others { fill: #8c6d1f; stroke: #8c6d1f; }
  .floor { fill: #59636e; stroke: #59636e; }
  .grid { stroke: #d1d9e0; }
  .line { fill: none; stroke-width: 2; }
  .name { stroke: none; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .small { fill: #9198a1; }
    .ours { fill: #3fb98a; stroke: #3fb98a; }
    .others { fill: #d4a72c; stroke: #d4a72c; }
    .floor { fill: #9198a1; stroke: #9198a1; }
    .grid { stroke: #3d444d; }
  }`;

const FLOORS: readonly string[] = [names.EMPTY, names.BARE];
const OTHERS: readonly string[] = [names.STOCK, names.NPM, names.PNPM];
/** The contenders whose growth is drawn. */
const CURVES: readonly string[] = [names.BARE, names.STOCK, names.COLD, names.WARM, names.ENFORCE];

/** An SVG: CPU time of every contender at one size, and how CPU time and memory grow with the size. */
export function drawResults(sizes: readonly SizeResult[]): string {
  // The largest size at which most contenders were measured.
  const most = Math.max(...sizes.map(({ rows }) => rows.length));
  const compared = sizes.findLast(({ rows }) => rows.length === most);
  if (compared === undefined) throw new Error('nothing was measured');
  const bars = drawBars(compared, 0);
  const first = HEAD + compared.rows.length * ROW + GAP;
  const curves = sizes.length < 2 ? [] : drawGrowth(sizes, first);
  const height = first + (sizes.length < 2 ? 0 : 2 * (PLOT + GAP) + HEAD);
  const open = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img">`;
  const title = '<title>What lockseal costs, beside the bare signatures and other tools</title>';
  return `${[open, title, `<style>${STYLE}</style>`, ...bars, ...curves, '</svg>'].join('\n')}\n`;
}

/** Logarithmic from a power of ten to a power of ten. */
interface Scale {
  readonly low: number;
  readonly high: number;
}

function scaleOf(values: readonly number[]): Scale {
  const usable = values.filter((value) => value > 0);
  return { low: Math.floor(Math.log10(Math.min(...usable))), high: Math.ceil(Math.log10(Math.max(...usable))) };
}

/** 0 at the low end, 1 at the high end. */
function share(value: number, { low, high }: Scale): number {
  return (Math.log10(value) - low) / Math.max(1, high - low);
}

function powers({ low, high }: Scale): number[] {
  return Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index));
}

function drawBars({ packages, rows }: SizeResult, top: number): string[] {
  const scale = scaleOf(rows.map(({ cpuMs }) => cpuMs.median));
  const x = (value: number): number => LEFT + share(value, scale) * (WIDTH - LEFT - RIGHT);
  const bottom = top + HEAD + rows.length * ROW;
  const grid = powers(scale).flatMap((value) => [
    line(x(value), top + HEAD - 6, x(value), bottom),
    text(x(value), bottom + 14, duration(value), 'small', 'middle'),
  ]);
  const bars = rows.flatMap(({ name, cpuMs }, index) => {
    const y = top + HEAD + index * ROW;
    const end = x(cpuMs.median);
    return [
      text(LEFT - 8, y + 13, name, '', 'end'),
      `<rect class="${kindOf(name)}" x="${LEFT}" y="${y}" width="${(end - LEFT).toFixed(1)}" height="${BAR}" rx="2"/>`,
      text(end + 6, y + 13, duration(cpuMs.median), 'small', 'start'),
    ];
  });
  const title = `CPU time for ${packages.toLocaleString('en')} packages, all cores together (logarithmic; shorter is better)`;
  return [text(12, top + 28, title, 'title', 'start'), ...grid, ...bars];
}

function drawGrowth(sizes: readonly SizeResult[], top: number): string[] {
  const time = (row: Row): number => row.cpuMs.median;
  const memory = (row: Row): number => row.peakMiB.median;
  return [
    ...drawPlot(sizes, top, 'CPU time by packages (both logarithmic)', time, duration),
    ...drawPlot(sizes, top + PLOT + GAP + HEAD / 2, 'Peak memory by packages (both logarithmic)', memory, mebibytes),
  ];
}

function drawPlot(
  sizes: readonly SizeResult[],
  top: number,
  title: string,
  of: (row: Row) => number,
  show: (value: number) => string,
): string[] {
  const curves = CURVES.map((name) => ({ name, points: pointsOf(sizes, name, of) })).filter(
    ({ points }) => points.length > 1,
  );
  const across = scaleOf(sizes.map(({ packages }) => packages));
  const up = scaleOf(curves.flatMap(({ points }) => points.map(({ value }) => value)));
  const [left, right, high, low] = [90, WIDTH - LEFT + 20, top + 24, top + PLOT];
  const x = (packages: number): number => left + share(packages, across) * (right - left);
  const y = (value: number): number => low - share(value, up) * (low - high);
  const grid = [
    ...powers(up).flatMap((value) => [
      line(left, y(value), right, y(value)),
      text(left - 8, y(value) + 4, show(value), 'small', 'end'),
    ]),
    ...powers(across).flatMap((value) => [
      line(x(value), high, x(value), low),
      text(x(value), low + 16, value.toLocaleString('en'), 'small', 'middle'),
    ]),
  ];
  const drawn = curves.map(({ name, points }) => {
    const path = points.map(({ packages, value }) => `${x(packages).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
    return `<polyline class="line ${kindOf(name)}" style="fill: none" points="${path}"/>`;
  });
  const ends = curves.map(({ name, points }) => ({
    name,
    y: y(points.at(-1)?.value ?? 1),
    x: x(points.at(-1)?.packages ?? 1),
  }));
  return [text(12, top + 4, title, 'title', 'start'), ...grid, ...drawn, ...labelsOf(ends, right)];
}

function pointsOf(
  sizes: readonly SizeResult[],
  name: string,
  of: (row: Row) => number,
): { readonly packages: number; readonly value: number }[] {
  return sizes.flatMap(({ packages, rows }) => {
    const row = rows.find((each) => each.name === name);
    return row === undefined ? [] : [{ packages, value: of(row) }];
  });
}

/** Names beside the ends of curves, moved apart where they would cover each other. */
function labelsOf(
  ends: readonly { readonly name: string; readonly x: number; readonly y: number }[],
  right: number,
): string[] {
  let lowest = -Infinity;
  return ends
    .toSorted((a, b) => a.y - b.y)
    .map(({ name, y }) => {
      lowest = Math.max(y, lowest + 16);
      return text(right + 10, lowest + 4, name, '', 'start');
    });
}

function kindOf(name: string): string {
  if (FLOORS.includes(name)) return 'floor';
  return OTHERS.includes(name) ? 'others' : 'ours';
}

function text(x: number, y: number, content: string, kind: string, anchor: string): string {
  return `<text class="${kind}" x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${content}</text>`;
}

function line(x1: number, y1: number, x2: number, y2: number): string {
  const [a, b, c, d] = [x1, y1, x2, y2].map((value) => value.toFixed(1));
  return `<line class="grid" x1="${a}" y1="${b}" x2="${c}" y2="${d}"/>`;
}

function duration(ms: number): string {
  return ms < 1000 ? `${Number(ms.toPrecision(2))} ms` : `${Number((ms / 1000).toPrecision(2))} s`;
}

function mebibytes(value: number): string {
  return `${value.toLocaleString('en')} MiB`;
}
