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
  const shareIn = (data: object): void => {
    for (const [name, member] of Object.entries(data) as [string, unknown][]) {
      if (typeof member === 'string') Reflect.set(data, name, share(member));
      else if (typeof member === 'object' && member !== null) shareIn(member);
    }
  };
  return shareIn;
}
