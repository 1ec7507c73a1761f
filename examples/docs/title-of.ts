import { get } from 'greenlets/http';

/** The title of the page at `url`. */
export function titleOf(url: string): string {
  const response = get(url); // blocks until the response has begun
  const html = response.text(); // blocks until all of it is here
  if (!response.ok) throw new Error(`${url}: HTTP ${response.status}`);
  return /<title>(.*)<\/title>/.exec(html)?.[1] ?? '(no title)';
}
