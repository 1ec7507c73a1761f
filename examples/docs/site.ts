/** A web site to scrape: thirty pages, each of which takes a quarter of a second. */
import { sleep } from 'greenlets';
import { HttpServer } from 'greenlets/http';

const PAGES = 30;

function page(number: number): string {
  const links = [2 * number, 2 * number + 1].filter((next) => next <= PAGES);
  return `<title>Page ${number}</title>\n${links.map((next) => `<a href="/${next}">${next}</a>\n`).join('')}`;
}

const server = new HttpServer({
  host: '127.0.0.1',
  port: Number(process.argv[2] ?? 8000),
  handle({ path }) {
    const number = Number(path.slice(1));
    if (!(number >= 1 && number <= PAGES)) return { status: 404, body: 'no such page\n' };
    sleep(250); // other requests are served meanwhile
    return { headers: { 'content-type': 'text/html' }, body: page(number) };
  },
});
server.start();
console.log('serving', server.address);
server.serveForever();
