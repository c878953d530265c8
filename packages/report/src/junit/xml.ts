/** Well-formed XML: made by `element` and `xmlText` alone. */
export type XmlNode = string & { readonly [brand]: true };
declare const brand: unique symbol;

const MARKUP: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/**
 * One element. Values are escaped; like texts, they must hold no control but the line feed, which XML 1.0 has no way to
 * write: `sanitize` sees to that.
 */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  children: readonly XmlNode[] = [],
): XmlNode {
  const given = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(String(value))}"`);
  return `<${name}${given.join('')}>${children.join('')}</${name}>` as XmlNode;
}

export function xmlText(text: string): XmlNode {
  return escapeXml(text) as XmlNode;
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => MARKUP[character] ?? '');
}
