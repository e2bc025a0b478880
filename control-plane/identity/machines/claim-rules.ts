import type { ClaimRule } from '../../config/machine-settings.js';

type Claims = Readonly<Record<string, unknown>>;

/** Whether every rule holds. A claim that is absent, of another type or a list matches nothing; no rules match nobody. */
export function satisfies(claims: Claims, rules: Readonly<Record<string, ClaimRule>>): boolean {
  const entries = Object.entries(rules);
  return (
    entries.length > 0 && entries.every(([name, rule]) => Object.hasOwn(claims, name) && matches(claims[name], rule))
  );
}

function matches(value: unknown, rule: ClaimRule): boolean {
  return typeof rule === 'object' ? typeof value === 'string' && value.startsWith(rule.prefix) : value === rule;
}
