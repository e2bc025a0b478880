/** Where a value lies in `mcp-sso.yaml`: keys and list positions from the root. */
export type KeyPath = readonly (string | number)[];

/** Something wrong at a path, before its line is looked up. */
export interface Finding {
  readonly path: KeyPath;
  /** Whether the fault lies in the key itself (unknown, missing below it) or in its value. */
  readonly at: 'key' | 'value';
  readonly message: string;
  readonly fix: string;
}

/** `servers.crm.tools`, `roles.owner[0]`, as faults name keys. */
export function keyText(path: KeyPath): string {
  return path.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('');
}

/** Whether `path` fits a pattern such as `servers.*.url`, where `*` stands for one step. */
export function matches(path: KeyPath, pattern: string): boolean {
  const steps = pattern.split('.');
  return steps.length === path.length && steps.every((step, index) => step === '*' || step === String(path[index]));
}

/** Every string below `value`, with its path. */
export function stringsIn(value: unknown, path: KeyPath = []): { path: KeyPath; text: string }[] {
  if (typeof value === 'string') return [{ path, text: value }];
  return childrenOf(value).flatMap(([step, child]) => stringsIn(child, [...path, step]));
}

/** The value at a path, or undefined where there is none. */
export function valueAt(value: unknown, path: KeyPath): unknown {
  return path.reduce<unknown>((inner, step) => new Map<string | number, unknown>(childrenOf(inner)).get(step), value);
}

function childrenOf(value: unknown): [string | number, unknown][] {
  if (Array.isArray(value)) return [...value.entries()];
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}
