/** Texts that are remembered; after so many others one is forgotten, and costs a copy more when it comes again. */
const MOST = 4096;

/**
 * Makes results of packages share their texts: what comes out of an answer, or from another thread, has a copy of its own
 * of the issuer, the workflow, the key id that thousands of packages have in common.
 * @returns replaces texts in plain data, in place, by the same ones that were met before; whatever else is in it (Map,
 * bytes) is left alone
 */
export function createTextSharing(): (data: object) => void {
  const known = new Map<string, string>();
  const share = (text: string): string => {
    const same = known.get(text);
    if (same !== undefined) return same;
    if (known.size === MOST) known.clear();
    known.set(text, text);
    return text;
  };
  const shareIn = (data: Record<string, unknown>): void => {
    for (const name of Object.keys(data)) {
      const member = data[name];
      if (typeof member === 'string') data[name] = share(member);
      else if (isNested(member)) shareIn(member);
    }
  };
  return (data) => {
    if (isNested(data)) shareIn(data);
  };
}

function isNested(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
