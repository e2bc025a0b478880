import type { Layout } from '../sources/place.js';
import { memberOf, textOf, type ConfigNode } from './config-node.js';
import type { Declaration } from './declaration.js';
import { readEntry } from './read-entry.js';

/** More servers than any file names; what follows is not read. */
const LIMIT = 1000;

/** The servers that a config names, in its order. */
export function readDeclarations(root: ConfigNode, layouts: readonly Layout[]): Declaration[] {
  return layouts.flatMap((layout) => readersByKind[layout.kind](root, layout)).slice(0, LIMIT);
}

const readersByKind: Readonly<Record<Layout['kind'], (root: ConfigNode, layout: Layout) => Declaration[]>> = {
  members: (root, layout) => entriesOf(objectsAt(root, layout.kind === 'members' ? layout.path : [])),
  'claude-code': (root) => {
    const projects = objectsAt(root, ['projects']).flatMap(({ members }) => members.map(([, project]) => project));
    return entriesOf([root, ...projects].flatMap((node) => objectsAt(node, ['mcpServers'])));
  },
  continue: (root) => {
    const listed = (memberOf(root, 'mcpServers')?.items ?? []).map((item, index) =>
      readEntry(textOf(memberOf(item, 'name')) ?? `#${index + 1}`, item),
    );
    const older = memberOf(root, 'experimental', 'modelContextProtocolServers')?.items ?? [];
    const transports = older.map((item, index) => readEntry(`#${index + 1}`, memberOf(item, 'transport') ?? item));
    const single = memberOf(root, 'mcpServers') ? [] : [readEntry(textOf(memberOf(root, 'name')) ?? '#1', root)];
    return [...defined([...listed, ...transports, ...single]), ...entriesOf(objectsAt(root, ['mcpServers']))];
  },
  'mcpb-manifest': (root) => {
    const config = memberOf(root, 'server', 'mcp_config');
    const name = textOf(memberOf(root, 'name'));
    const entry = config && readEntry(name ?? '#1', config);
    if (!entry) return [];
    const version = textOf(memberOf(root, 'version')) ?? null;
    return [{ ...entry, bundled: { name: name ?? '#1', version } }];
  },
  'extension-manifest': extensionDeclarations,
};

/** An extension of VS Code starts its servers from code; its manifest only says that it has some. */
function extensionDeclarations(root: ConfigNode): Declaration[] {
  const providers = memberOf(root, 'contributes', 'mcpServerDefinitionProviders')?.items ?? [];
  const name = [textOf(memberOf(root, 'publisher')), textOf(memberOf(root, 'name'))].filter(Boolean).join('.');
  const version = textOf(memberOf(root, 'version')) ?? null;
  return providers.map((provider, index) => ({
    name: textOf(memberOf(provider, 'label')) ?? textOf(memberOf(provider, 'id')) ?? `#${index + 1}`,
    line: provider.line,
    enabled: true,
    type: undefined,
    command: undefined,
    url: undefined,
    args: [],
    env: [],
    headers: [],
    others: [],
    bundled: { name, version },
  }));
}

/** Every object at a path, also where a name on the way is there twice. */
function objectsAt(root: ConfigNode, path: readonly string[]): ConfigNode[] {
  return path.reduce<ConfigNode[]>(
    (nodes, key) => nodes.flatMap(({ members }) => members.flatMap(([name, node]) => (name === key ? [node] : []))),
    [root],
  );
}

function entriesOf(objects: readonly ConfigNode[]): Declaration[] {
  return defined(objects.flatMap(({ members }) => members.map(([name, node]) => readEntry(name, node))));
}

function defined(found: readonly (Declaration | undefined)[]): Declaration[] {
  return found.filter((declaration) => declaration !== undefined);
}
