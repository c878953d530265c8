// What a reader sees of Markdown on GitHub.
import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { parseFragment, type DefaultTreeAdapterMap } from 'parse5';

type Node = DefaultTreeAdapterMap['childNode'];

export interface Seen {
  /** Names of all elements. */
  readonly elements: ReadonlySet<string>;
  readonly attributes: ReadonlySet<string>;
  /** All text outside code. */
  readonly bare: string;
  readonly code: readonly string[];
}

/** What a reader's browser makes of it: GitHub's dialect to HTML, with HTML in it let through, to a document. */
export function see(markdown: string): Seen {
  const html = micromark(markdown, {
    allowDangerousHtml: true,
    allowDangerousProtocol: true,
    extensions: [gfm()],
    htmlExtensions: [gfmHtml()],
  });
  const elements = new Set<string>();
  const attributes = new Set<string>();
  const bare: string[] = [];
  const code: string[] = [];
  const walk = (nodes: readonly Node[], inCode: boolean): void => {
    for (const node of nodes) {
      if (node.nodeName === '#text' && 'value' in node) (inCode ? code : bare).push(node.value);
      if (!('tagName' in node)) {
        if (node.nodeName !== '#text') elements.add(node.nodeName);
        continue;
      }
      elements.add(node.tagName);
      for (const { name } of node.attrs) attributes.add(name);
      walk(node.childNodes, inCode || node.tagName === 'code');
    }
  };
  walk(parseFragment(html).childNodes, false);
  return { elements, attributes, bare: bare.join(''), code };
}
