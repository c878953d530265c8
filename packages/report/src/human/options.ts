import type { Style } from '../style.ts';

export interface HumanOptions {
  readonly style: Style;
  /** Width of the terminal. */
  readonly columns: number;
  /** Shows every finding in full, and every decision. */
  readonly verbose: boolean;
  /** The command to type next, instead of the one that follows from the verdict. */
  readonly next?: string | undefined;
}
