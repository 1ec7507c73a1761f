/** The addresses of the first ten pages of the site that the command line names. */
export const site: string = process.argv[2] ?? 'http://127.0.0.1:8000';
export const urls: string[] = Array.from({ length: 10 }, (_, index) => `${site}/${index + 1}`);
