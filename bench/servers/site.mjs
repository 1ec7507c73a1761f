/** 2,000 linked pages, from `/0` on: a page leads to the ten that follow ten times its number, and to some others. */
import http from 'node:http';

const PAGES = 2_000;
const pages = Array.from({ length: PAGES }, (_, i) => Buffer.from(page(i)));

const server = http.createServer((request, response) => {
  response.setHeader('content-type', 'text/html');
  response.end(pages[Number(request.url.slice(1))]);
});
server.listen({ host: '127.0.0.1', port: 0 }, () => process.send(server.address().port));
process.on('disconnect', () => process.exit());

function page(number) {
  const children = Array.from({ length: 10 }, (_, i) => 10 * number + i + 1).filter((child) => child < PAGES);
  const others = [1, 7, 49].map((step) => (number + step) % PAGES);
  const links = [...children, ...others].map((link) => `<li><a href="/${link}">Page ${link}</a></li>`);
  return `<!doctype html><title>Page ${number}</title><p>${'Some text. '.repeat(100)}</p><ul>${links.join('')}</ul>`;
}
