/** A value of a config with its place, whichever language it is written in. Every member is seen, also one that is there twice. */
export interface ConfigNode {
  /** From 1. */
  readonly line: number;
  readonly value: string | number | boolean | null | undefined;
  /** Of an object; empty otherwise. */
  readonly members: readonly (readonly [name: string, node: ConfigNode])[];
  /** Of a list; empty otherwise. */
  readonly items: readonly ConfigNode[];
}

/** The last member of that name, which most parsers take. */
export function memberOf(node: ConfigNode | undefined, ...names: readonly string[]): ConfigNode | undefined {
  return names.reduce<ConfigNode | undefined>(
    (at, name) => at?.members.findLast(([member]) => member === name)?.[1],
    node,
  );
}

export function textOf(node: ConfigNode | undefined): string | undefined {
  return typeof node?.value === 'string' ? node.value : undefined;
}

/** Strings of a list; numbers and booleans as they are written, since apps take them for strings. */
export function textsOf(node: ConfigNode | undefined): string[] {
  return (node?.items ?? []).flatMap(({ value }) => (value === null || value === undefined ? [] : [String(value)]));
}

/** Offsets to lines, from 1. */
export function lineCounter(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  };
}
