import { existsSync, readdirSync } from 'node:fs';
import { defineConfig } from 'vitepress';

const REFERENCE = new URL('../reference/', import.meta.url);

/** The pages that typedoc has made: `index` is the package itself, `queue` is greenlets/queue. */
function referencePages(): { text: string; link: string }[] {
  if (!existsSync(REFERENCE)) return [];
  const files = readdirSync(REFERENCE, { recursive: true }).map(String);
  const entries = files
    .filter((file) => file.endsWith('.md') && file !== 'index.md' && file !== 'modules.md')
    .map((file) => file.replace(/\.md$/, ''))
    .sort()
    .map((subpath) => ({ text: `greenlets/${subpath}`, link: `/reference/${subpath}` }));
  return [{ text: 'greenlets', link: '/reference/' }, ...entries];
}

export default defineConfig({
  title: 'greenlets',
  description: 'Real greenlets for Node.js: plain code that blocks and yet runs concurrently',
  cleanUrls: true,
  lastUpdated: false,
  srcExclude: ['node_modules/**'],
  markdown: {
    config(md) {
      // ```ts [docs/file.ts]: the name of the file above its block.
      const fence = md.renderer.rules.fence;
      md.renderer.rules.fence = (tokens, index, ...rest) => {
        const name = /\[(.+)\]/.exec(tokens[index].info)?.[1];
        const block = fence(tokens, index, ...rest);
        return name === undefined ? block : `<div class="file"><span>examples/${name}</span>${block}</div>`;
      };
    },
  },
  themeConfig: {
    nav: [
      { text: 'Tutorial', link: '/tutorial' },
      { text: 'Guides', link: '/guides/from-async-await' },
      { text: 'Reference', link: '/reference/' },
    ],
    sidebar: [
      { text: 'Start', items: [{ text: 'Tutorial', link: '/tutorial' }] },
      {
        text: 'Guides',
        items: [
          { text: 'From async/await', link: '/guides/from-async-await' },
          { text: 'From gevent', link: '/guides/from-gevent' },
          { text: 'From fibers', link: '/guides/from-fibers' },
          { text: 'Web frameworks', link: '/guides/web-frameworks' },
          { text: 'Databases', link: '/guides/databases' },
          { text: 'Testing', link: '/guides/testing' },
          { text: 'Production', link: '/guides/production' },
        ],
      },
      {
        text: 'Background',
        items: [
          { text: 'Design', link: '/design' },
          { text: 'Caveats', link: '/caveats' },
          { text: 'Native addons', link: '/native-addons' },
          { text: 'Errors', link: '/errors' },
          { text: 'Compatibility', link: '/compatibility' },
          { text: 'Benchmarks', link: '/benchmarks' },
        ],
      },
      { text: 'Reference', collapsed: false, items: referencePages() },
    ],
    outline: { level: [2, 3] },
    search: { provider: 'local' },
  },
});
