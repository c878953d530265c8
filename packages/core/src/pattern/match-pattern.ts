import { parsePattern, PatternError, type PatternNode } from './parse-pattern.ts';

type Instruction =
  | { readonly kind: 'characters'; readonly matches: (point: number) => boolean }
  | { readonly kind: 'start' | 'end' }
  /** Goes on at each of these. */
  | { readonly kind: 'go'; readonly to: number[] };

/** Steps of one match are at most these two multiplied: some milliseconds. */
const MAX_INSTRUCTIONS = 500;
const MAX_TEXT = 2048;

/**
 * Whether texts match a pattern as a whole, in time linear in each: all ways to match are followed at once (K. Thompson,
 * "Regular expression search algorithm", 1968), where JavaScript's own tries one after the other, and some for ever. A text of
 * more than 2,048 characters matches nothing.
 * @throws PatternError as `parsePattern`, and for a pattern that is too large written out
 */
export function compilePattern(pattern: string): (text: string) => boolean {
  const program = new Compiler().compile(parsePattern(pattern));
  return (text) =>
    text.length <= MAX_TEXT &&
    run(
      program,
      Array.from(text, (character) => character.codePointAt(0) ?? 0),
    );
}

class Compiler {
  readonly #program: Instruction[] = [];
  /** Repetitions of nothing add no instructions, but take time, too. */
  #visits = 0;

  compile(node: PatternNode): readonly Instruction[] {
    this.#emit(node);
    return this.#program;
  }

  #emit(node: PatternNode): void {
    this.#visits += 1;
    if (this.#program.length > MAX_INSTRUCTIONS || this.#visits > 10 * MAX_INSTRUCTIONS) {
      throw new PatternError('is too large when its repetitions are written out');
    }
    switch (node.kind) {
      case 'characters': {
        const { ranges, isNegated } = node;
        const matches = (point: number): boolean =>
          ranges.some(([first, last]) => first <= point && point <= last) !== isNegated;
        this.#program.push({ kind: 'characters', matches });
        return;
      }
      case 'start':
      case 'end':
        this.#program.push({ kind: node.kind });
        return;
      case 'sequence':
        for (const each of node.nodes) this.#emit(each);
        return;
      case 'either':
        return this.#either(node.nodes);
      case 'repeat':
        return this.#repeat(node);
    }
  }

  #either(nodes: readonly PatternNode[]): void {
    const [only, ...more] = nodes;
    if (only !== undefined && more.length === 0) return this.#emit(only);
    const branch = this.#go();
    const ends = nodes.map((node) => {
      branch.to.push(this.#program.length);
      this.#emit(node);
      return this.#go();
    });
    for (const end of ends) end.to.push(this.#program.length);
  }

  #repeat({ node, min, max }: Extract<PatternNode, { kind: 'repeat' }>): void {
    for (let count = 0; count < min; count += 1) this.#emit(node);
    if (max === Infinity) {
      const start = this.#program.length;
      const branch = this.#go(start + 1);
      this.#emit(node);
      this.#go(start);
      branch.to.push(this.#program.length);
      return;
    }
    const branches = [];
    for (let count = min; count < max; count += 1) {
      const branch = this.#go(this.#program.length + 1);
      this.#emit(node);
      branches.push(branch);
    }
    for (const branch of branches) branch.to.push(this.#program.length);
  }

  #go(...to: number[]): Extract<Instruction, { kind: 'go' }> {
    const instruction = { kind: 'go', to } as const;
    this.#program.push(instruction);
    return instruction;
  }
}

/** The end of the program is the match. */
function run(program: readonly Instruction[], points: readonly number[]): boolean {
  let places = follow(program, [0], 0, points.length);
  for (const [index, point] of points.entries()) {
    const next: number[] = [];
    for (const place of places) {
      const instruction = program[place];
      if (instruction?.kind === 'characters' && instruction.matches(point)) next.push(place + 1);
    }
    if (next.length === 0) return false;
    places = follow(program, next, index + 1, points.length);
  }
  return places.has(program.length);
}

/** All places that are reached without a character being read. */
function follow(program: readonly Instruction[], from: readonly number[], at: number, length: number): Set<number> {
  const reached = new Set<number>();
  const left = [...from];
  for (let place = left.pop(); place !== undefined; place = left.pop()) {
    if (reached.has(place)) continue;
    reached.add(place);
    const instruction = program[place];
    switch (instruction?.kind) {
      case 'go':
        left.push(...instruction.to);
        break;
      case 'start':
        if (at === 0) left.push(place + 1);
        break;
      case 'end':
        if (at === length) left.push(place + 1);
        break;
      case 'characters':
      case undefined:
        break;
    }
  }
  return reached;
}
