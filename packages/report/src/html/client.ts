/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
// The script of the page. Its functions run in the reader's browser: `clientScript` takes their text as it stands
// here, so each may use the others, ROW_HEIGHT and the browser, and nothing else. Untrusted text reaches the page
// through `textContent` alone; the page's Trusted Types policy forbids every other way.
import type { ItemData, PackageData, PageData } from './data.ts';

/** Pixels; html/css.ts gives rows the same. */
export const ROW_HEIGHT = 36;

/** The text of the script: plain JavaScript, since Node or the compiler has taken the types out. */
export function clientScript(): string {
  const functions = [
    byId,
    make,
    matching,
    createTable,
    listen,
    rowOf,
    showPackage,
    packageParts,
    itemPart,
    factList,
    showGeneral,
    start,
  ];
  return `'use strict';(() => {\nconst ROW_HEIGHT = ${ROW_HEIGHT};\n${functions.map(String).join('\n')}\nstart();\n})();`;
}

function byId<Kind extends HTMLElement = HTMLElement>(id: string): Kind {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`no element ${id}`);
  return found as Kind;
}

function make(tag: string, className: string, children: string | readonly Node[]): HTMLElement {
  const element = document.createElement(tag);
  if (className !== '') element.className = className;
  if (typeof children === 'string') element.textContent = children;
  else element.append(...children);
  return element;
}

interface Filters {
  readonly text: string;
  readonly grade: string;
  readonly kind: string;
  readonly level: string;
}

/** Indexes of the packages that the filters let through. */
function matching(packages: readonly PackageData[], { text, grade, kind, level }: Filters): number[] {
  const wanted = text.trim().toLowerCase();
  const found: number[] = [];
  for (const [index, one] of packages.entries()) {
    if (grade !== '' && one.grade !== grade) continue;
    if (kind !== '' && one.kind !== kind) continue;
    if (level !== '' && (level === 'none' ? one.level !== '' : one.level !== level)) continue;
    if (wanted !== '' && !one.name.toLowerCase().includes(wanted) && !one.entry.toLowerCase().includes(wanted))
      continue;
    found.push(index);
  }
  return found;
}

interface Table {
  readonly show: (indexes: readonly number[]) => void;
}

/**
 * A grid of which only the rows in sight are elements. The grid itself keeps the focus; `aria-activedescendant` tells
 * which row is meant (https://www.w3.org/WAI/ARIA/apg/patterns/grid/).
 */
function createTable(packages: readonly PackageData[], open: (index: number) => void): Table {
  const grid = byId('packages');
  const body = byId('rows');
  let shown: readonly number[] = [];
  let active = 0;
  const draw = (): void => {
    const first = Math.max(0, Math.floor(grid.scrollTop / ROW_HEIGHT) - 8);
    const last = Math.min(shown.length, Math.ceil((grid.scrollTop + grid.clientHeight) / ROW_HEIGHT) + 8);
    const rows = shown.slice(first, last).map((index, offset) => {
      const place = first + offset;
      return rowOf(packages[index] as PackageData, place, place === active);
    });
    body.replaceChildren(...rows);
    if (active >= first && active < last) grid.setAttribute('aria-activedescendant', `row-${active}`);
    else grid.removeAttribute('aria-activedescendant');
  };
  const move = (to: number): void => {
    active = Math.max(0, Math.min(shown.length - 1, to));
    const top = active * ROW_HEIGHT;
    // The heading row covers the first one of what is scrolled.
    const room = grid.clientHeight - 2 * ROW_HEIGHT;
    if (top < grid.scrollTop) grid.scrollTop = top;
    else if (top > grid.scrollTop + room) grid.scrollTop = top - room;
    draw();
  };
  const choose = (): void => {
    const index = shown[active];
    if (index !== undefined) open(index);
  };
  const show = (indexes: readonly number[]): void => {
    shown = indexes;
    active = 0;
    grid.scrollTop = 0;
    grid.setAttribute('aria-rowcount', String(indexes.length + 1));
    body.style.height = `${indexes.length * ROW_HEIGHT}px`;
    draw();
  };
  listen({ draw, choose, move, state: () => ({ active, last: shown.length - 1 }) });
  return { show };
}

interface Moves {
  readonly draw: () => void;
  readonly choose: () => void;
  readonly move: (to: number) => void;
  readonly state: () => { readonly active: number; readonly last: number };
}

/** Keys, clicks and scrolling of the grid. */
function listen({ draw, choose, move, state }: Moves): void {
  const grid = byId('packages');
  grid.addEventListener('keydown', (event) => {
    const { active, last } = state();
    const page = Math.max(1, Math.floor(grid.clientHeight / ROW_HEIGHT) - 2);
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + page,
      PageUp: active - page,
      Home: 0,
      End: last,
    };
    const to = Object.hasOwn(steps, event.key) ? steps[event.key] : undefined;
    if (to !== undefined) move(to);
    else if (event.key === 'Enter' || event.key === ' ') choose();
    else return;
    event.preventDefault();
  });
  byId('rows').addEventListener('click', (event) => {
    const row = event.target instanceof Element ? event.target.closest('[role=row]') : null;
    if (row === null) return;
    move(Number(row.id.slice('row-'.length)));
    choose();
  });
  grid.addEventListener('scroll', () => requestAnimationFrame(draw), { passive: true });
  new ResizeObserver(draw).observe(grid);
}

function rowOf(one: PackageData, place: number, active: boolean): HTMLElement {
  const cell = (className: string, text: string): HTMLElement => {
    const element = make('span', className, text);
    element.setAttribute('role', 'gridcell');
    // What the column is too narrow for.
    element.title = text;
    return element;
  };
  const row = make('div', active ? 'row active' : 'row', [
    cell('name', one.name),
    cell(`grade ${one.grade}`, one.grade),
    cell('kind', one.kind),
    cell(`level ${one.level}`, one.items.length === 0 ? '' : `${one.level} (${one.items.length})`),
    cell('entry', one.entry),
  ]);
  row.setAttribute('role', 'row');
  row.setAttribute('aria-rowindex', String(place + 2));
  row.setAttribute('aria-selected', String(active));
  row.id = `row-${place}`;
  row.style.top = `${place * ROW_HEIGHT}px`;
  return row;
}

/** The part of the page about one package, and its heading in focus. */
function showPackage(data: PageData, index: number): void {
  const one = data.packages[index];
  if (one === undefined) return;
  const name = byId('part-name');
  name.textContent = one.name;
  byId('part-body').replaceChildren(...packageParts(data, one));
  history.replaceState(null, '', `#package-${index}`);
  name.focus();
}

function packageParts(data: PageData, one: PackageData): Node[] {
  const items = one.items.flatMap((index) => data.items[index] ?? []);
  const facts: (readonly [string, string])[] = [];
  for (let at = 0; at < one.facts.length; at += 2) {
    facts.push([data.texts[one.facts[at] ?? -1] ?? '', data.texts[one.facts[at + 1] ?? -1] ?? '']);
  }
  const found = items.length === 0 ? [make('p', '', 'No finding.')] : items.map((item) => itemPart(item, 'h4'));
  return [make('h3', '', 'Findings'), ...found, make('h3', '', 'Evidence, identity and path'), factList(facts)];
}

function itemPart({ level, code, title, subject, place, fields, fix }: ItemData, heading: 'h3' | 'h4'): HTMLElement {
  return make('article', `item ${level}`, [
    make(heading, '', `${level}: ${code}`),
    make('p', '', title),
    factList([['about', subject], ['place', place], ...fields, ['fix', fix]]),
  ]);
}

function factList(facts: readonly (readonly [label: string, text: string])[]): HTMLElement {
  return make(
    'dl',
    '',
    facts.flatMap(([label, text]) => [make('dt', '', label), make('dd', '', text)]),
  );
}

/** What is about no package: so many in full, the rest counted. */
function showGeneral({ general, items }: PageData): void {
  const shown = general.slice(0, 200).flatMap((index) => items[index] ?? []);
  const rest = general.length - shown.length;
  const more = rest === 0 ? [] : [make('p', '', `${rest} more are in the other formats.`)];
  byId('general').replaceChildren(...shown.map((item) => itemPart(item, 'h3')), ...more);
}

function start(): void {
  const data = JSON.parse(byId('data').textContent ?? '') as PageData;
  const table = createTable(data.packages, (index) => showPackage(data, index));
  const search = byId<HTMLInputElement>('search');
  const choices = ['grade', 'kind', 'level'].map((name) => byId<HTMLSelectElement>(`choose-${name}`));
  const update = (): void => {
    const [grade = '', kind = '', level = ''] = choices.map(({ value }) => value);
    const found = matching(data.packages, { text: search.value, grade, kind, level });
    table.show(found);
    byId('count').textContent = `${found.length} of ${data.packages.length} entries`;
  };
  for (const control of [search, ...choices]) control.addEventListener('input', update);
  byId('part').addEventListener('keydown', (event) => {
    if (event.key === 'Escape') byId('packages').focus();
  });
  showGeneral(data);
  byId('page').hidden = false;
  update();
  const linked = /^#package-(\d+)$/.exec(location.hash)?.[1];
  if (linked !== undefined) showPackage(data, Number(linked));
}
