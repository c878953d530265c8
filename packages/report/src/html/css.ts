import { ROW_HEIGHT } from './client.ts';

/** The style sheet of the page: the reader's light or dark, contrast of at least 4.5 to 1 for text. */
export const CSS: string = `
:root { color-scheme: light dark; --back: #fff; --front: #1b1f24; --faint: #57606a; --line: #d0d7de; --raised: #f6f8fa;
  --focus: #0550ae; --proven: #1a7f37; --signed: #0969da; --unsigned: #9a6700; --unprovable: #6e7781; --contradicted: #cf222e; }
@media (prefers-color-scheme: dark) {
  :root { --back: #0d1117; --front: #e6edf3; --faint: #9aa4af; --line: #3d444d; --raised: #161b22; --focus: #79c0ff;
    --proven: #3fb950; --signed: #58a6ff; --unsigned: #d29922; --unprovable: #8b949e; --contradicted: #ff7b72; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 90rem; background: var(--back); color: var(--front);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.2rem; margin: 1.5rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1rem 0 .25rem; } h4, .item h3 { font-size: 1rem; margin: 0; }
.faint { color: var(--faint); } .verdict { font-weight: 600; }
code, dd, .name, .entry { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .875rem; }
svg { width: 100%; min-width: 36rem; max-width: 45rem; height: auto; display: block; } svg.key { display: inline; min-width: 0; width: 12px; } svg text { fill: var(--front); font-size: 14px; }
table { border-collapse: collapse; margin-top: .5rem; } th, td { padding: .25rem .75rem; border: 1px solid var(--line); text-align: right; }
th:first-child { text-align: left; } .scroll { overflow-x: auto; }
${['proven', 'signed', 'unsigned', 'unprovable', 'contradicted']
  .map((grade) => `rect.${grade} { fill: var(--${grade}); } .grade.${grade} { color: var(--${grade}); }`)
  .join('\n')}
rect { stroke: var(--back); stroke-width: 1; }
.unprovable.grade { color: var(--faint); }
.level.error, .error > :first-child { color: var(--contradicted); font-weight: 600; }
.level.undecided, .level.warn, .undecided > :first-child, .warn > :first-child { color: var(--unsigned); }
.controls { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: end; }
label { display: grid; font-size: .875rem; }
input, select { font: inherit; padding: .25rem .5rem; color: inherit; background: var(--back);
  border: 1px solid var(--faint); border-radius: .25rem; min-width: 10rem; }
input { min-width: min(24rem, 80vw); }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
.both { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); gap: 1.5rem; align-items: start; }
@media (max-width: 60rem) { .both { grid-template-columns: minmax(0, 1fr); } }
#packages { height: min(70vh, 50rem); overflow: auto; border: 1px solid var(--line); border-radius: .25rem; }
#general { max-height: 30rem; overflow: auto; }
#rows { position: relative; }
.row { display: grid; grid-template-columns: minmax(16rem, 4fr) 7.5rem 6.5rem 8.5rem minmax(10rem, 3fr); min-width: 50rem;
  height: ${ROW_HEIGHT}px; align-items: center; border-bottom: 1px solid var(--line); }
#rows .row { position: absolute; left: 0; right: 0; cursor: pointer; }
#rows .row:hover { background: var(--raised); }
.row.active { background: var(--raised); box-shadow: inset 4px 0 0 var(--focus); }
.row > * { padding: 0 .5rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; unicode-bidi: isolate; }
.head { position: sticky; top: 0; z-index: 1; background: var(--raised); font-weight: 600; }
.entry { color: var(--faint); }
#part { border: 1px solid var(--line); border-radius: .25rem; padding: 0 1rem 1rem; max-height: min(80vh, 60rem);
  overflow: auto; }
#part-name { overflow-wrap: anywhere; }
.item { border-left: 4px solid var(--line); padding-left: .75rem; margin: .75rem 0; }
.item.error { border-color: var(--contradicted); } .item.undecided, .item.warn { border-color: var(--unsigned); }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .125rem .75rem; margin: .25rem 0; }
dt { color: var(--faint); } dd { margin: 0; overflow-wrap: anywhere; unicode-bidi: isolate; }
`;
