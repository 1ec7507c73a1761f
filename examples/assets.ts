/** Where the files are that are not compiled: pages, styles, scripts for the browser. */
export const EXAMPLES: URL = new URL('examples/', import.meta.resolve('greenlets/package.json'));
