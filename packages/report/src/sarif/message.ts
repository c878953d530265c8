/**
 * What SARIF gives a meaning inside a plain-text message: `[text](target)` is a link (section 3.11.6), `{0}` a
 * placeholder (3.11.5).
 */
const ACTIVE = /\](?=\()|\{(?=\d)/g;

/** Sanitized text as a plain-text message (SARIF 3.11) without link or placeholder. */
export function messageText(text: string): string {
  return text.replace(ACTIVE, (character) => (character === ']' ? '<U+005D>' : '<U+007B>'));
}
