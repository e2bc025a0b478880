import type { ConfigNode } from './config-node.js';

/** One MCP server as a config says it, before anything is judged or withheld: never printed. */
export interface Declaration {
  readonly name: string;
  /** From 1. */
  readonly line: number;
  readonly enabled: boolean;
  /** `type` or `transport`, as written. */
  readonly type: string | undefined;
  readonly command: string | undefined;
  readonly args: readonly string[];
  readonly url: string | undefined;
  readonly env: readonly NamedValue[];
  readonly headers: readonly NamedValue[];
  /** Everything else that is a text: where an app has a place of its own for a token. */
  readonly others: readonly NamedValue[];
  /** What is known of the code without the command: an extension's own name and version. */
  readonly bundled?: { readonly name: string; readonly version: string | null };
}

export interface NamedValue {
  readonly name: string;
  readonly value: string;
}

/** Texts of an object's members by name. */
export function namedValues(node: ConfigNode | undefined): NamedValue[] {
  return (node?.members ?? []).flatMap(([name, { value }]) =>
    value === null || value === undefined ? [] : [{ name, value: String(value) }],
  );
}
