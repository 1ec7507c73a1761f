/** What the pages say, as a file for other programs. */
import { closeSync, openSync, renameSync, writeSync } from 'node:fs';
import { stringify } from 'csv-stringify/sync';
import type { Content } from './record.ts';
import type { Store } from './store.ts';

type Columns = Record<keyof Content | 'url', string>;

/** Writes every page that is its own canonical one. A file of that name is replaced once the new one is complete. */
export function exportPages(store: Store, file: string): number {
  const csv = file.endsWith('.csv');
  const draft = `${file}.part`;
  const out = openSync(draft, 'w');
  let pages = 0;
  try {
    for (const { url, content } of store.contents()) {
      const row = csv ? csvRow(url, content, pages === 0) : `${JSON.stringify({ url, ...content })}\n`;
      writeSync(out, row);
      pages++;
    }
  } finally {
    closeSync(out);
  }
  renameSync(draft, file);
  return pages;
}

/** Lists become lines; metadata becomes JSON. */
function csvRow(url: string, content: Content, first: boolean): string {
  const row: Columns = {
    url,
    title: content.title ?? '',
    description: content.description ?? '',
    language: content.language ?? '',
    author: content.author ?? '',
    published: content.published ?? '',
    headings: content.headings.join('\n'),
    text: content.text,
    links: content.links.join('\n'),
    metadata: JSON.stringify(content.metadata),
  };
  // A page must not be able to put a formula into a spreadsheet.
  return stringify([row], { header: first, escape_formulas: true });
}
