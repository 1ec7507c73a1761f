/** An ESLint rule that asks the network whether a link leads anywhere. Rules are synchronous; this one waits. */
import { Linter, type Rule } from 'eslint';
import { request } from 'greenlets/http';

const noDeadLinks: Rule.RuleModule = {
  meta: { type: 'problem', schema: [], messages: { dead: '{{url}} answers {{status}}' } },
  create: (context) => ({
    Literal(node) {
      const url = node.value;
      if (typeof url !== 'string' || !/^https?:/.test(url)) return;
      const { status } = request(url, { method: 'HEAD' });
      if (status >= 400) context.report({ node, messageId: 'dead', data: { url, status: String(status) } });
    },
  }),
};

const config: Linter.Config = {
  plugins: { links: { rules: { 'no-dead-links': noDeadLinks } } },
  rules: { 'links/no-dead-links': 'error' },
};

/** Lints `source`. A linter of its own for each call: one linter works on one text at a time. */
export function lint(source: string): string[] {
  return new Linter().verify(source, config).map(({ line, message }) => `${line}: ${message}`);
}
