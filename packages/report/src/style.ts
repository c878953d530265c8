/** What a piece of text means; how it looks is the style's business. */
export type Tone = 'heading' | 'name' | 'faint' | 'error' | 'warn' | 'note' | 'good';

/** How text is shown: colours and signs, never content. */
export interface Style {
  paint(this: void, tone: Tone, text: string): string;
  readonly signs: Readonly<Record<'error' | 'warn' | 'note' | 'good' | 'undecided' | 'full' | 'empty', string>>;
}

const ASCII = { error: 'x', warn: '!', note: '-', good: '+', undecided: '?', full: '#', empty: '.' } as const;
const UNICODE = { error: '✖', warn: '▲', note: '•', good: '✔', undecided: '?', full: '█', empty: '░' } as const;

/**
 * Select Graphic Rendition parameters. Of the 16 colours only those that can be read on white and on black; yellow,
 * blue and the greys cannot. Faint is relative to the reader's own foreground.
 */
const SGR: Readonly<Record<Tone, string>> = {
  heading: '1',
  name: '1',
  faint: '2',
  error: '1;31',
  warn: '1;35',
  note: '36',
  good: '32',
};

/** No colours; `unicode` tells whether the terminal can show more than ASCII. */
export function plainStyle(unicode: boolean = false): Style {
  return { paint: (_tone, text) => text, signs: unicode ? UNICODE : ASCII };
}

/** The terminal's own 16 colours. */
export function ansiStyle(unicode: boolean = true): Style {
  return {
    paint: (tone, text) => (text === '' ? '' : `\u001B[${SGR[tone]}m${text}\u001B[0m`),
    signs: unicode ? UNICODE : ASCII,
  };
}
