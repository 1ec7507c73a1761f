// What can host greenlets, and which tests of this project show it.

const SYNCHRONOUS = 'examples/hosts/test/hosts.test.ts';
export const PACKAGE = 'test/package/package.test.mjs';
const LIBRARIES_OF_FIBERS = ['asyncawait', 'asyncblock', 'f-promise', 'fibrous', 'sync', 'synchronize'];

/** `tests`: those in the file whose names match. */
export const HOSTS = [
  { name: 'ESLint', about: 'a rule waits for a fetch', file: SYNCHRONOUS, tests: /ESLint/ },
  { name: 'Babel', about: 'a plugin waits for a fetch', file: SYNCHRONOUS, tests: /Babel/ },
  { name: 'Handlebars, EJS', about: 'helpers read a database', file: SYNCHRONOUS, tests: /Handlebars/ },
  { name: 'better-sqlite3', about: 'a function of SQL waits for a fetch', file: SYNCHRONOUS, tests: /SQLite/ },
  { name: '`node:vm`', about: 'guests in a sandbox block', file: SYNCHRONOUS, tests: /vm sandbox/ },
  { name: 'synckit, deasync', about: '`greenlets` in their place', file: SYNCHRONOUS, tests: /synckit/ },
  ...['express', 'fastify', 'hono', 'koa'].map((name) => ({
    name,
    about: 'handlers in plain code: they wait, throw, and end when their client leaves',
    file: 'examples/frameworks/test/frameworks.test.ts',
    tests: new RegExp(`^${name}:`),
  })),
  ...LIBRARIES_OF_FIBERS.map((name) => ({
    name,
    about: 'unchanged, over `greenlets-fibers`',
    file: 'test/fiber-libraries.test.ts',
    tests: new RegExp(`^${name} `),
  })),
  {
    name: 'native addons',
    about: 'greenlets block in their callbacks, and leave in another order than they came',
    file: 'test/hazards-addons.test.ts',
    tests: /./,
  },
  {
    name: '`node --test`',
    about: 'every test and hook in a greenlet, by `greenlets/test`',
    file: 'test/green-test.test.ts',
    tests: /./,
  },
  {
    name: 'mocha',
    about: 'every test and hook in a greenlet, by `greenlets/mocha`',
    file: 'test/green-mocha.test.ts',
    tests: /./,
  },
  {
    name: 'whole programs',
    about: 'in a greenlet, by the command `greenlets` and by `node --import greenlets/main`',
    file: 'test/command.test.ts',
    tests: /./,
  },
  { name: 'Jest', about: 'tests that block, by `toAsync`', file: PACKAGE, tests: /^Jest / },
  { name: 'vitest', about: 'tests that block, by `toAsync`', file: PACKAGE, tests: /^vitest / },
];
