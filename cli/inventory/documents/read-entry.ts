import { memberOf, textOf, textsOf, type ConfigNode } from './config-node.js';
import { namedValues, type Declaration, type NamedValue } from './declaration.js';

/** Members that say how a server is started or reached; apps differ in the names. */
const COMMAND = ['command', 'cmd', 'path'] as const;
const ARGS = ['args', 'arguments'] as const;
const ENV = ['env', 'envs', 'environment'] as const;
const URL_KEYS = ['url', 'serverUrl', 'httpUrl', 'uri', 'sse_url'] as const;
const HEADERS = ['headers', 'http_headers', 'requestInit', 'requestOptions'] as const;
const TYPE = ['type', 'transport', 'transportType'] as const;
const KNOWN: ReadonlySet<string> = new Set([...COMMAND, ...ARGS, ...ENV, ...URL_KEYS, ...HEADERS, ...TYPE]);

/** Deeper than any app nests its settings of one server. */
const DEPTH = 6;

/** One entry as the apps write it; undefined where it neither starts nor reaches anything. */
export function readEntry(name: string, node: ConfigNode): Declaration | undefined {
  const [program, ...leading] = commandOf(node);
  const url = firstText(node, URL_KEYS);
  if (program === undefined && url === undefined) return undefined;
  const headers = HEADERS.flatMap((key) =>
    namedValues(memberOf(node, key)).concat(namedValues(memberOf(node, key, 'headers'))),
  );
  return {
    name,
    line: node.line,
    enabled: isEnabled(node),
    type: firstText(node, TYPE),
    command: program,
    args: [...leading, ...ARGS.flatMap((key) => textsOf(memberOf(node, key)))],
    url,
    env: ENV.flatMap((key) => namedValues(memberOf(node, key))),
    headers,
    others: node.members.flatMap(([key, value]) => (KNOWN.has(key) ? [] : textsBelow(key, value, DEPTH))),
  };
}

/** A program with its arguments in one list (OpenCode), an object of its own (older Zed), or the program alone. */
function commandOf(node: ConfigNode): string[] {
  for (const key of COMMAND) {
    const found = memberOf(node, key);
    if (!found) continue;
    if (found.items.length > 0) return textsOf(found);
    const inside = textOf(memberOf(found, 'path')) ?? textOf(memberOf(found, 'command'));
    if (inside !== undefined) return [inside, ...textsOf(memberOf(found, 'args'))];
    if (typeof found.value === 'string') return [found.value];
  }
  return [];
}

function firstText(node: ConfigNode, keys: readonly string[]): string | undefined {
  return keys.map((key) => textOf(memberOf(node, key)) ?? textOf(memberOf(node, key, 'type'))).find(Boolean);
}

function isEnabled(node: ConfigNode): boolean {
  const { value: off } = memberOf(node, 'disabled') ?? {};
  const { value: on } = memberOf(node, 'enabled') ?? {};
  return off !== true && on !== false;
}

function textsBelow(name: string, node: ConfigNode, depth: number): NamedValue[] {
  if (depth === 0) return [];
  if (typeof node.value === 'string') return [{ name, value: node.value }];
  const items = node.items.flatMap((item) => textsBelow(name, item, depth - 1));
  return [...items, ...node.members.flatMap(([key, value]) => textsBelow(key, value, depth - 1))];
}
