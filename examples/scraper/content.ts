/** What an HTML page says: its text without the furniture around it, and what it tells about itself. */
import type { CheerioAPI } from 'cheerio';
import { type ChildNode, isTag, isText } from 'domhandler';
import type { Content } from './record.ts';

const MAIN = 'main, [role="main"], article';
const FURNITURE = new Set(
  'script style noscript template svg nav header footer aside form iframe object select button'.split(' '),
);
const BLOCKS = new Set(
  'p div section article h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table tr pre blockquote br hr figure main'.split(' '),
);
/** Elements inside each other; broken pages have thousands. */
const DEEPEST = 200;

export function readContent($: CheerioAPI, links: string[]): Content {
  const metadata = readMetadata($);
  const headings = $('h1, h2, h3')
    .map((_, heading) => tidy($(heading).text()))
    .get();
  return {
    title: readTitle($),
    description: metadata.description ?? metadata['og:description'] ?? null,
    language: $('html').attr('lang') ?? null,
    author: metadata.author ?? metadata['article:author'] ?? null,
    published: metadata['article:published_time'] ?? $('time[datetime]').first().attr('datetime') ?? null,
    headings: headings.filter((heading) => heading !== ''),
    text: readText($),
    links,
    metadata,
  };
}

export function readTitle($: CheerioAPI): string | null {
  return tidy($('title').first().text()) || null;
}

function readMetadata($: CheerioAPI): Record<string, string> {
  const metadata: Record<string, string> = {};
  for (const { attribs } of $('meta[content]')) {
    const name = (attribs.name ?? attribs.property ?? '').toLowerCase();
    if (name !== '' && name !== 'viewport') metadata[name] ??= tidy(attribs.content ?? '');
  }
  return metadata;
}

/** The main text, a line for each block. */
function readText($: CheerioAPI): string {
  const pieces: string[] = [];
  for (const node of ($(MAIN).get(0) ?? $('body').get(0))?.children ?? []) gather(node, pieces, 0);
  return pieces.join('').split('\n').map(tidy).filter(Boolean).join('\n');
}

function gather(node: ChildNode, pieces: string[], depth: number): void {
  if (isText(node)) pieces.push(node.data.replaceAll('\n', ' '));
  if (!isTag(node) || FURNITURE.has(node.name) || depth > DEEPEST) return;
  const block = BLOCKS.has(node.name);
  if (block) pieces.push('\n');
  for (const child of node.children) gather(child, pieces, depth + 1);
  if (block) pieces.push('\n');
}

function tidy(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
