// A reporter of node:test: a line of JSON for each test that ended, suites left out.
export default async function* listTests(events) {
  for await (const { type, data } of events) {
    if ((type !== 'test:pass' && type !== 'test:fail') || data.details.type === 'suite') continue;
    const outcome = data.skip !== undefined ? 'skipped' : type === 'test:pass' ? 'passed' : 'failed';
    yield `${JSON.stringify({ name: data.name, outcome })}\n`;
  }
}
