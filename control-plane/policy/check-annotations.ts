import type { Fault } from '../config/settings.js';
import { GRANT } from './evaluate/grant.js';
import type { SourcePolicy } from './source/read-policies.js';
import { faultAt } from './source/source-text.js';
import { stepUpFaults } from './step-up-annotations.js';

// Ids and reasons are printed on terminals, in logs and to the AI app: no control or direction characters.
const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const REASON = /^(?=.*\S)[^\p{C}]{1,500}$/u;

/** What is wrong with a policy's @id, @reason and demands on the sign-in, each policy for itself. */
export function annotationFaults(policy: SourcePolicy): Fault[] {
  const { id, reason } = policy.annotations;
  const faults: Fault[] = [];
  const fault = (message: string, fix: string) => {
    faults.push(faultAt(policy.source, policy.start, { key: policy.key, message, fix }));
  };
  if (!id) fault('the policy has no @id', 'put @id("a-name") in front of it; the audit names policies by it');
  else if (!ID.test(id)) {
    fault('the @id has characters that are not allowed', 'use up to 128 letters, digits, dots and dashes');
  }
  if (id === GRANT) fault(`the @id "${GRANT}" stands for access that is granted for some time`, 'choose another @id');
  if (!reason) fault('the policy has no @reason', 'put @reason("why") in front of it; people who are denied read it');
  else if (!REASON.test(reason)) {
    fault('the @reason is not one line of plain text', 'use up to 500 characters, no line break');
  }
  return [...faults, ...stepUpFaults(policy)];
}

/** Ids that stand over more than one policy, in all files together. */
export function duplicateFaults(policies: readonly SourcePolicy[]): Fault[] {
  const first = new Map<string, SourcePolicy>();
  const faults: Fault[] = [];
  for (const policy of policies) {
    const { id } = policy.annotations;
    if (!id) continue;
    const earlier = first.get(id);
    if (earlier === undefined) {
      first.set(id, policy);
      continue;
    }
    const { file, line } = faultAt(earlier.source, earlier.start, { key: id, message: '', fix: '' });
    faults.push(
      faultAt(policy.source, policy.start, {
        key: id,
        message: `the @id is taken by the policy at ${file}:${line}`,
        fix: 'give one of the two another @id',
      }),
    );
  }
  return faults;
}
