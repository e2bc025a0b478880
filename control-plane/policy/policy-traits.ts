import { policyToJson } from '@cedar-policy/cedar-wasm/nodejs';
import { argumentReader, type ArgumentReader } from './argument-reads.js';
import { collectPrincipals } from './named-principals.js';
import { scopeOf, type PolicyScope } from './policy-scope.js';
import { readsOf } from './reads.js';

/** What one policy can match and what it reads: plain data, found once, where it was compiled. */
export interface PolicyTraits {
  readonly scope: PolicyScope;
  /** Ids of the people and groups that it names. */
  readonly people: readonly string[];
  readonly groups: readonly string[];
  /** What it reads of arguments; absent where it reads none. */
  readonly arguments?: ArgumentReader;
  /** Names below `context.session`. */
  readonly session: readonly string[];
  /** It reads what is another at each call (arguments), or may read anything. */
  readonly calls: boolean;
  readonly anything: boolean;
}

/** By id. What Cedar cannot read may match and read anything. */
export function traitsOf(texts: Readonly<Record<string, string>>): Readonly<Record<string, PolicyTraits>> {
  return Object.fromEntries(Object.entries(texts).map(([id, text]) => [id, traitsOfPolicy(text)]));
}

function traitsOfPolicy(text: string): PolicyTraits {
  const parsed = policyToJson(text);
  if (parsed.type === 'failure') {
    return { scope: {}, people: [], groups: [], session: [], calls: true, anything: true };
  }
  const { args, paths, session, whole } = readsOf(text);
  const reader = argumentReader(parsed.json);
  const { people, groups } = collectPrincipals(parsed.json);
  return {
    scope: scopeOf(parsed.json),
    people: [...people],
    groups: [...groups],
    ...(reader === undefined ? {} : { arguments: reader }),
    session: [...session],
    calls: args.size > 0 || paths.size > 0,
    anything: whole,
  };
}
