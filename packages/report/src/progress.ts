import { duration } from './layout.ts';
import { sanitize } from './sanitize.ts';
import type { Style } from './style.ts';

/** How far a run is, and when it was last drawn. Times are milliseconds of any one clock. */
export interface Progress {
  readonly label: string;
  readonly total: number;
  readonly done: number;
  readonly startedAt: number;
  readonly drawnAt: number | undefined;
}

/** A terminal is drawn on at most this often, in milliseconds. */
const INTERVAL = 80;
const BAR = 20;
/** Before this much time has passed there is nothing to estimate from. */
const WARM_UP = 2000;

export function startProgress(label: string, total: number, now: number): Progress {
  return { label, total, done: 0, startedAt: now, drawnAt: undefined };
}

/** The next state and, when it is time to draw, the line to put in place of the last one. The last step always draws. */
export function advanceProgress(
  progress: Progress,
  step: { readonly done: number; readonly total?: number | undefined },
  now: number,
  view: { readonly style: Style; readonly columns: number },
): { readonly progress: Progress; readonly line: string | undefined } {
  const total = Math.max(step.total ?? progress.total, 0);
  const done = Math.min(Math.max(step.done, 0), total);
  const moved = { ...progress, total, done };
  const due = progress.drawnAt === undefined || done === total || now - progress.drawnAt >= INTERVAL;
  if (!due) return { progress: moved, line: undefined };
  return { progress: { ...moved, drawnAt: now }, line: progressLine(moved, now, view) };
}

/** One line that never wraps: it leaves out the rate and the estimate, then the bar, then the label. */
function progressLine(
  progress: Progress,
  now: number,
  { style, columns }: { readonly style: Style; readonly columns: number },
): string {
  const { total, done } = progress;
  const label = sanitize(progress.label, 60);
  const numbers = `${String(done).padStart(String(total).length)}/${total}`;
  const filled = total === 0 ? BAR : Math.floor((done / total) * BAR);
  const bar = style.signs.full.repeat(filled) + style.signs.empty.repeat(BAR - filled);
  const short = `${label} ${numbers}`;
  const bare = `${label} ${bar} ${numbers}`;
  const candidates = [`${bare}${estimate(progress, now)}`, bare, short, numbers];
  // A line as wide as the terminal makes some terminals wrap.
  return candidates.find((line) => line.length < columns) ?? '';
}

function estimate({ total, done, startedAt }: Progress, now: number): string {
  const elapsed = now - startedAt;
  if (done === total) return ` in ${duration(elapsed)}`;
  if (done === 0 || elapsed < WARM_UP) return '';
  const rate = (done / elapsed) * 1000;
  const left = duration(Math.ceil((total - done) / rate) * 1000);
  return `, ${rate < 10 ? rate.toFixed(1) : Math.round(rate)}/s, about ${left} left`;
}
