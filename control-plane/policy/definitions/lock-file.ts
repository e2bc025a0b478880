import { stringify } from 'yaml';
import { z } from 'zod';
import { SERVER_ID } from '#shared/mcp/names.js';
import { LOCK_FILE } from '../../config/policy-files.js';
import { keyText, type KeyPath } from '../../config/key-path.js';
import type { Fault, PolicyFile } from '../../config/settings.js';
import { readYaml } from '../../config/yaml-source.js';
import { definitionOf } from './definition.js';

/** The accepted definitions of one server's tools: hash (hex) → what the server says. */
type LockedTools = ReadonlyMap<string, ReadonlyMap<string, LockedDefinition>>;
type LockedDefinition = z.output<typeof definitionSchema>;

/** By server. Of a server that is named, nothing else is accepted. */
export type Lock = ReadonlyMap<string, LockedTools>;

const definitionSchema = z.looseObject({ name: z.string(), inputSchema: z.record(z.string(), z.unknown()).optional() });
const toolSchema = z
  .array(z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/), definition: definitionSchema }))
  .min(1);
const lockSchema = z.strictObject({
  version: z.literal(1),
  servers: z.record(z.string().regex(SERVER_ID), z.record(z.string().min(1), toolSchema)),
});
type LockContent = z.output<typeof lockSchema>;

/** To look up the place of a key takes longer the more there are. */
const MAX_FAULTS = 100;
const EXPORT = 'write it anew: mcp-sso reviews export > mcp-sso.lock.yaml';
const HEAD = `# Definitions of tools that somebody has accepted. Of the servers named here nothing else is shown or called.
# Written by \`mcp-sso reviews export\`; what changes here is best read as a diff.
`;

export interface LockReading {
  readonly lock: Lock;
  readonly faults: readonly Fault[];
}

/** The lock among the files of a revision; none names no server. Never throws. */
export function readLock(files: readonly PolicyFile[]): LockReading {
  const file = files.find((one) => one.file === LOCK_FILE);
  if (file === undefined) return { lock: new Map(), faults: [] };
  const source = readYaml(LOCK_FILE, file.text);
  const faultAt = (path: KeyPath, message: string, fix: string): Fault => {
    return { file: LOCK_FILE, ...source.place(path, 'value'), key: keyText(path), message, fix };
  };
  if (source.faults.length > 0) return { lock: new Map(), faults: source.faults };
  const parsed = lockSchema.safeParse(source.value);
  if (!parsed.success) {
    const faults = parsed.error.issues.slice(0, MAX_FAULTS).map(({ path, message }) =>
      faultAt(
        path.filter((step) => typeof step !== 'symbol'),
        `not a valid value (${message.replace(/^Invalid input: /, '')})`,
        EXPORT,
      ),
    );
    return { lock: new Map(), faults };
  }
  const faults = editedDefinitions(parsed.data)
    .slice(0, MAX_FAULTS)
    .map((path) =>
      faultAt(
        path,
        'the definition is not the one of this hash',
        `${EXPORT}; a definition that was edited is none of the server’s`,
      ),
    );
  return { lock: faults.length === 0 ? lockOf(parsed.data) : new Map(), faults };
}

/** The text of `mcp-sso.lock.yaml`. Characters that nobody sees are written as escapes. */
export function formatLock(
  definitions: readonly { server: string; tool: string; sha256: string; text: string }[],
): string {
  const sorted = definitions.toSorted(
    (a, b) => compare(a.server, b.server) || compare(a.tool, b.tool) || compare(a.sha256, b.sha256),
  );
  const servers = new Map<string, Map<string, object[]>>();
  for (const { server, tool, sha256, text } of sorted) {
    const tools = servers.get(server) ?? new Map<string, object[]>();
    const said: unknown = JSON.parse(text);
    servers.set(server, tools.set(tool, [...(tools.get(tool) ?? []), { sha256, definition: said }]));
  }
  const text = stringify(
    { version: 1, servers },
    { lineWidth: 0, aliasDuplicateObjects: false, defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN' },
  );
  return HEAD + text.replaceAll(/(?!\n)[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu, escaped);
}

function escaped(character: string): string {
  return `\\U${character.codePointAt(0)!.toString(16).padStart(8, '0')}`;
}

function editedDefinitions({ servers }: LockContent): KeyPath[] {
  return Object.entries(servers).flatMap(([server, tools]) =>
    Object.entries(tools).flatMap(([tool, locked]) =>
      locked.flatMap(({ sha256, definition }, index): KeyPath[] => {
        const { tool: named, sha256: found } = definitionOf(definition);
        return named === tool && found === sha256 ? [] : [['servers', server, tool, index, 'definition']];
      }),
    ),
  );
}

function lockOf({ servers }: LockContent): Lock {
  return new Map(
    Object.entries(servers).map(([server, tools]) => [
      server,
      new Map(
        Object.entries(tools).map(([tool, locked]) => [
          tool,
          new Map(locked.map(({ sha256, definition }) => [sha256, definition])),
        ]),
      ),
    ]),
  );
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
