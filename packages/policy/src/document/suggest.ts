/** Longer texts are not compared: nobody misspells that much. */
const MAX_LENGTH = 64;

/** The candidate that is most like a misspelt text; undefined where none is near. */
export function nearest(text: string, candidates: readonly string[]): string | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const limit = Math.max(1, Math.floor(text.length / 3));
  const ranked = candidates
    .map((candidate) => ({ candidate, edits: editDistance(text.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ edits }) => edits <= limit)
    .toSorted((a, b) => a.edits - b.edits);
  return ranked[0]?.candidate;
}

/** "Did you mean `x`?", or all that there is. */
export function didYouMean(text: string, candidates: readonly string[]): string {
  const near = nearest(text, candidates);
  return near === undefined ? `It takes ${candidates.join(', ')}.` : `Did you mean \`${near}\`?`;
}

/** Insertions, deletions and substitutions (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of a.split('').entries()) {
    let last = i + 1;
    const next = [last];
    for (const [j, other] of b.split('').entries()) {
      last = Math.min(last + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1));
      next.push(last);
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
