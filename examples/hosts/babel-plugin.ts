/** A Babel plugin that fetches: `import data from 'https://…'` becomes the JSON that is there. */
import { type PluginObj, types as t, transformSync } from '@babel/core';
import { get } from 'greenlets/http';

const inlineRemoteJson: PluginObj = {
  visitor: {
    ImportDeclaration(path) {
      const url = path.node.source.value;
      const [specifier] = path.node.specifiers;
      if (!/^https?:/.test(url) || specifier === undefined) return;
      const data = t.valueToNode(get(url).json());
      path.replaceWith(t.variableDeclaration('const', [t.variableDeclarator(specifier.local, data)]));
    },
  },
};

export function transform(source: string): string {
  return transformSync(source, { plugins: [() => inlineRemoteJson], babelrc: false, configFile: false })?.code ?? '';
}
