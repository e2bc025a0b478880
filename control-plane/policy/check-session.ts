import { nearestWord } from '../config/nearest-word.js';
import type { Fault } from '../config/settings.js';
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
