/** JSON as it is written and not as it is understood: keys may come twice, and a scalar is any text. */
export type JsonTree = JsonScalar | JsonArray | JsonMembers;

export interface JsonScalar {
  kind: 'scalar';
  text: string;
}

export interface JsonArray {
  kind: 'array';
  items: JsonTree[];
}

export interface JsonMembers {
  kind: 'object';
  members: { key: string; value: JsonTree }[];
}

export function treeOf(value: unknown): JsonTree {
  if (Array.isArray(value)) return { kind: 'array', items: value.map(treeOf) };
  if (typeof value !== 'object' || value === null) return { kind: 'scalar', text: JSON.stringify(value) ?? 'null' };
  return { kind: 'object', members: Object.entries(value).map(([key, member]) => ({ key, value: treeOf(member) })) };
}

export function textOf(tree: JsonTree): string {
  if (tree.kind === 'scalar') return tree.text;
  if (tree.kind === 'array') return `[${tree.items.map(textOf).join(',')}]`;
  return `{${tree.members.map(({ key, value }) => `${JSON.stringify(key)}:${textOf(value)}`).join(',')}}`;
}

/** Every object in it, itself included. */
export function objectsIn(tree: JsonTree): JsonMembers[] {
  if (tree.kind === 'scalar') return [];
  if (tree.kind === 'array') return tree.items.flatMap(objectsIn);
  return [tree, ...tree.members.flatMap(({ value }) => objectsIn(value))];
}
