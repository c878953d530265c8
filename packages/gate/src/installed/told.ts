import type { ApprovedPackage } from './approved.ts';
import type { PermittedId } from './permitted.ts';
import type {
  AbsentPackage,
  InstalledCounts,
  InstalledDifference,
  InstalledReport,
  InstalledUndecided,
} from './report.ts';

type About = Pick<InstalledDifference, 'package' | 'entry' | 'path'>;
type Difference = Omit<InstalledDifference, keyof About | 'file' | 'expected' | 'found'> &
  Partial<Pick<InstalledDifference, 'file' | 'expected' | 'found'>>;

/** Collects what a comparison comes to. */
export class Told {
  readonly #limit: number;
  readonly #differences: InstalledDifference[] = [];
  readonly #undecided: InstalledUndecided[] = [];
  readonly #absent = new Map<string, AbsentPackage>();
  readonly #asFetched: { readonly package: string; readonly place: string }[] = [];
  readonly #byCommit: { readonly package: string; readonly place: string }[] = [];
  readonly #permitted = new Map<PermittedId, number>();
  #untold = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  differ(of: ApprovedPackage | undefined, difference: Difference): void {
    const { file, expected, found, ...rest } = difference;
    if (this.#differences.length >= this.#limit) this.#untold++;
    else this.#differences.push({ ...rest, ...about(of), file, expected, found });
  }

  undecide(of: ApprovedPackage | undefined, place: string, reason: string): void {
    if (this.#undecided.length >= this.#limit) this.#untold++;
    else this.#undecided.push({ ...about(of), place, reason });
  }

  permit(id: PermittedId): void {
    this.#permitted.set(id, (this.#permitted.get(id) ?? 0) + 1);
  }

  absent(of: AbsentPackage): void {
    this.#absent.set(of.package, of);
  }

  asFetched({ spec }: ApprovedPackage, place: string): void {
    this.#asFetched.push({ package: spec, place });
  }

  byCommit({ spec }: ApprovedPackage, place: string): void {
    this.#byCommit.push({ package: spec, place });
  }

  report(counts: InstalledCounts): InstalledReport {
    return {
      differences: this.#differences.toSorted(byPlace),
      untold: this.#untold,
      undecided: this.#undecided.toSorted(byPlace),
      absent: [...this.#absent.values()].toSorted((a, b) => compare(a.package, b.package)),
      asFetched: this.#asFetched.toSorted(byPlace),
      byCommit: this.#byCommit.toSorted(byPlace),
      permitted: [...this.#permitted].map(([id, count]) => ({ id, count })).toSorted((a, b) => compare(a.id, b.id)),
      counts,
    };
  }
}

function about(of: ApprovedPackage | undefined): About {
  return { package: of?.spec, entry: of?.entries[0]?.id, path: of?.artifact?.path };
}

interface Placed {
  readonly place: string;
  readonly file?: string | undefined;
}

function byPlace(a: Placed, b: Placed): number {
  return compare(a.place, b.place) || compare(a.file ?? '', b.file ?? '');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
