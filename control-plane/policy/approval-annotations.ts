import { nearestWord } from '../config/nearest-word.js';
import type { Fault, Settings } from '../config/settings.js';
import { qualifierOf } from './names.js';
import type { SourcePolicy } from './source/read-policies.js';
import { annotationPlace, faultAt } from './source/source-text.js';

const APPROVAL = 'require_approval';
const LOCK = 'lock';
const GROUPS = /^[^\s/]+\/\S+(?: [^\s/]+\/\S+){0,15}$/;

/** The groups any of which may approve what a policy concerns; undefined where it demands no approval. */
export function approversOf({ annotations }: SourcePolicy): readonly string[] | undefined {
  return annotations[APPROVAL]?.split(' ');
}

/** Whether a `forbid` holds against access that people take in an emergency. */
export function isLocked({ annotations }: SourcePolicy): boolean {
  return annotations[LOCK] === 'true';
}

/** What is wrong with a policy's demand for approval and with its lock. A misspelt one would do nothing, so it is a fault too. */
export function approvalFaults(policy: SourcePolicy, settings: Settings): Fault[] {
  return Object.entries(policy.annotations).flatMap(([name, value]) => {
    const finding = judge(name, value, policy.effect, settings);
    if (finding === undefined) return [];
    return [faultAt(policy.source, annotationPlace(policy, name), { key: policy.key, ...finding })];
  });
}

type Finding = Pick<Fault, 'message' | 'fix'>;

function judge(
  name: string,
  value: string | null,
  effect: SourcePolicy['effect'],
  settings: Settings,
): Finding | undefined {
  if (name === APPROVAL) return GROUPS.test(value ?? '') ? unknownProvider(value ?? '', settings) : WRONG_GROUPS;
  if (name === LOCK) return value === 'true' ? lockOf(effect) : WRONG_LOCK;
  const meant = /^(?:require|approv|lock)/i.test(name);
  const nearest = nearestWord(name, [APPROVAL, LOCK]) ?? (meant ? APPROVAL : undefined);
  if (nearest === undefined) return undefined;
  return { message: `there is no annotation @${name}`, fix: `did you mean @${nearest}?` };
}

function unknownProvider(groups: string, { identity: { providers } }: Settings): Finding | undefined {
  const provider = groups
    .split(' ')
    .map((group) => qualifierOf(group) ?? '')
    .find((id) => !Object.hasOwn(providers, id));
  if (provider === undefined) return undefined;
  const known = Object.keys(providers);
  const nearest = nearestWord(provider, known);
  return {
    message: `@${APPROVAL} names the identity provider ${JSON.stringify(provider)}, which is not in the settings`,
    fix: `${nearest === undefined ? '' : `did you mean \`${nearest}\`? `}known are: ${known.join(', ') || 'none'}`,
  };
}

function lockOf(effect: SourcePolicy['effect']): Finding | undefined {
  if (effect === 'forbid') return undefined;
  return { message: `@${LOCK} on a permit does nothing`, fix: 'put it on the forbid that must always hold' };
}

const WRONG_GROUPS = {
  message: `@${APPROVAL} is not a list of one to 16 groups`,
  fix: `write @${APPROVAL}("okta/payments-approvers okta/leads"): <provider>/<group>, with one space between two`,
};
const WRONG_LOCK = { message: `@${LOCK} has another value than "true"`, fix: `write @${LOCK}("true")` };
