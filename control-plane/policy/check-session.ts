import { nearestWord } from '../config/nearest-word.js';
import type { Fault, Settings } from '../config/settings.js';
import { readsOf } from './reads.js';
import { SESSION_ATTRIBUTES } from './schema.js';
import type { SourcePolicy } from './source/read-policies.js';
import { faultAt, withoutComments } from './source/source-text.js';

/** Names below `context.session` that nothing has. Tested with `has` they would be false for ever, which Cedar takes. */
export function sessionFaults(policy: SourcePolicy): Fault[] {
  const unknown = [...readsOf(policy.text).session].filter((name) => !SESSION_ATTRIBUTES.includes(name));
  return unknown.map((name) => {
    const at = withoutComments(policy.text).search(/\bcontext\b/);
    const nearest = nearestWord(name, SESSION_ATTRIBUTES);
    return faultAt(policy.source, policy.start + Math.max(0, at), {
      key: policy.key,
      message: `there is no context.session.${name}`,
      fix: `${nearest === undefined ? '' : `did you mean \`${nearest}\`? `}known are: ${SESSION_ATTRIBUTES.join(', ')}`,
    });
  });
}

/** What Cedar says of the same names, once for each action that the policy is about. */
export function alreadySaid({ message }: Fault): boolean {
  const [, name] = /^attribute `session\.(\w+)` in context for .* not found$/s.exec(message) ?? [];
  return name !== undefined && !SESSION_ATTRIBUTES.includes(name);
}

/** Networks that the settings don't have. A call comes from none of them, so a `forbid` with a typing error would forbid nothing. */
export function networkFaults(policy: SourcePolicy, { networks }: Pick<Settings, 'networks'>): Fault[] {
  const known = Object.keys(networks);
  return [...withoutComments(policy.text).matchAll(TESTED_NETWORKS)].flatMap((test) =>
    [...test[0].matchAll(/"([^"\\]*)"/g)].flatMap(({ 1: name = '', index }) => {
      if (known.includes(name)) return [];
      const nearest = nearestWord(name, known);
      const listed = known.length === 0 ? 'none' : known.join(', ');
      const fault = {
        key: policy.key,
        message: `there is no network ${JSON.stringify(name)} in the settings`,
        fix: `${nearest === undefined ? 'k' : `did you mean \`${nearest}\`? K`}nown under networks are: ${listed}`,
      };
      return [faultAt(policy.source, policy.start + test.index + index, fault)];
    }),
  );
}

const TESTED_NETWORKS = /\bnetworks\s*\.\s*contains(?:All|Any)?\s*\([^)]*\)/g;
