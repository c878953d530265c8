/** List items, each Markdown that ends its line, under a heading of our own words; folded unless open. */
export interface Section {
  readonly heading: string;
  readonly open: boolean;
  readonly items: readonly string[];
}

/** What the line about omitted items takes at most, in bytes. */
const REST = 120;

/** Length in UTF-8 bytes. */
export function sizeOf(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}

/**
 * The sections within `room` bytes, filled from the first on. An item that does not fit is counted instead, so that
 * one long text cannot hide the others.
 */
export function fitSections(sections: readonly Section[], room: number): string {
  const frames = sections.map(({ heading, open }) => frameOf(heading, open));
  let left = room - frames.reduce((sum, frame) => sum + sizeOf(frame.join('')) + REST, 0);
  return sections
    .map((section, index) => {
      const [before = '', after = ''] = frames[index] ?? [];
      const shown: string[] = [];
      for (const text of section.items) {
        if (sizeOf(text) > left) continue;
        shown.push(text);
        left -= sizeOf(text);
      }
      return before + shown.join('') + restLine(section.items.length - shown.length) + after;
    })
    .join('');
}

function frameOf(heading: string, open: boolean): readonly [before: string, after: string] {
  return open ? [`\n#### ${heading}\n\n`, ''] : [`\n<details><summary>${heading}</summary>\n\n`, '\n</details>\n'];
}

function restLine(rest: number): string {
  return rest === 0 ? '' : `\n${rest} more did not fit: see the report in another format.\n`;
}
