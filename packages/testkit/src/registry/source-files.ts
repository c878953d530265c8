/** Files of a made-up package, by path in the package. */
export type SourceFiles = Readonly<Record<string, string>>;

const SYLLABLES =
  'ab ac ad al an ar as at be ca co de di do el en er es et ex fo ge ha in is it ke le li lo ma me mi na ne no ob on op or pa pe po pr ra re ri ro se si so st ta te ti to tr un up ve vi'.split(
    ' ',
  );
const WORDS =
  `the a of to and is in that for it as with on be this are by not from or an which when if can has will one all
  value key path file option result error should must return call function object string number list name time default`.split(
    /\s+/,
  );

/**
 * Text that compresses as published JavaScript does (some 4 to 5 times): code, types and documentation in many small
 * files, from a seed.
 */
export function sourceFiles(seed: number, files: number): SourceFiles {
  const text = new SourceText(seed);
  const all: [string, string][] = [['README.md', text.prose(60)]];
  for (let index = 1; index < files; index += 1) {
    const name = `${index % 3 === 0 ? 'lib' : 'dist/esm'}/${text.name()}-${index}`;
    const lines = 8 + Math.floor(text.chance() ** 3 * 900);
    if (index % 4 === 0) all.push([`${name}.d.ts`, text.types(Math.ceil(lines / 3))]);
    else all.push([`${name}.js`, text.code(lines)]);
  }
  return Object.fromEntries(all);
}

class SourceText {
  #state: number;
  readonly #names: readonly string[];

  constructor(seed: number) {
    this.#state = (seed * 2_654_435_761) >>> 0;
    this.#names = Array.from({ length: 400 }, () => this.#makeName());
  }

  /** From 0 up to 1 (mulberry32). */
  chance(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Some much more often than others. */
  name(): string {
    return this.#names[Math.floor(this.chance() ** 2 * this.#names.length)] ?? '';
  }

  prose(lines: number): string {
    return this.#lines(lines, () => Array.from({ length: 14 }, () => this.#word()).join(' '));
  }

  types(lines: number): string {
    return this.#lines(lines, () => `export declare function ${this.name()}(${this.name()}: string): ${this.name()};`);
  }

  code(lines: number): string {
    const statement = (): string => {
      const [a, b, c, d] = [this.name(), this.name(), this.name(), this.name()];
      switch (Math.floor(this.chance() * 8)) {
        case 0:
          return `const ${a} = require('./${b}');`;
        case 1:
          return `  // ${Array.from({ length: 9 }, () => this.#word()).join(' ')}`;
        case 2:
          return `function ${a}(${b}, ${c}) {`;
        case 3:
          return `  if (${a}.${b} === ${c}) return ${d}(${Math.floor(this.chance() * 1000)});`;
        case 4:
          return `    ${a}.${b} = ${c}.${d}(${a}, '${this.#makeName()}');`;
        case 5:
          return `  for (const ${a} of ${b}.${c}()) ${d}.push(${a});`;
        case 6:
          return '}\n';
        default:
          return `  return ${a}.${b}(${c} => ${c}.${d} ?? null);`;
      }
    };
    return `'use strict';\n${this.#lines(lines, statement)}module.exports = { ${this.name()}, ${this.name()} };\n`;
  }

  #lines(count: number, line: () => string): string {
    return Array.from({ length: count }, () => `${line()}\n`).join('');
  }

  #word(): string {
    return this.chance() < 0.7 ? (WORDS[Math.floor(this.chance() * WORDS.length)] ?? '') : this.name();
  }

  #makeName(): string {
    const syllable = (): string => SYLLABLES[Math.floor(this.chance() * SYLLABLES.length)] ?? '';
    const second = syllable();
    return `${syllable()}${syllable()}${second.charAt(0).toUpperCase()}${second.slice(1)}${syllable()}`;
  }
}
