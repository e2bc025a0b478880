import type { StepUp } from '#shared/api/step-up.js';
import { nearestWord } from '../config/nearest-word.js';
import type { Fault } from '../config/settings.js';
import type { SourcePolicy } from './source/read-policies.js';
import { annotationPlace, faultAt } from './source/source-text.js';

const MAX_AGE = 'step_up_max_age';
const ACR = 'step_up_acr';
/** Shorter than a minute, and the sign-in would be too old when the person comes back from it. */
const SECONDS = { min: 60, max: 86_400 } as const;
const DIGITS = /^\d{1,6}$/;
/** They stand in a quoted parameter of a header, separated by spaces (RFC 9470 §3). */
const ACR_VALUES = /^[\x21\x23-\x5b\x5d-\x7e]{1,128}(?: [\x21\x23-\x5b\x5d-\x7e]{1,128}){0,15}$/;

/** What a policy's annotations demand of the sign-in; undefined where they demand nothing. They must be without faults. */
export function stepUpOf({ annotations }: SourcePolicy): StepUp | undefined {
  const [maxAge, acr] = [annotations[MAX_AGE], annotations[ACR]];
  if (maxAge === undefined && acr === undefined) return undefined;
  return {
    ...(typeof maxAge === 'string' ? { maxAge: Number(maxAge) } : {}),
    ...(typeof acr === 'string' ? { acrValues: acr.split(' ') } : {}),
  };
}

/** What is wrong with them. A misspelt one would demand nothing, so it is a fault too. */
export function stepUpFaults(policy: SourcePolicy): Fault[] {
  return Object.entries(policy.annotations).flatMap(([name, value]) => {
    const finding = judge(name, value);
    return finding === undefined
      ? []
      : [faultAt(policy.source, annotationPlace(policy, name), { key: policy.key, ...finding })];
  });
}

function judge(name: string, value: string | null): Pick<Fault, 'message' | 'fix'> | undefined {
  if (name === MAX_AGE) return isAge(value) ? undefined : WRONG_AGE;
  if (name === ACR) return ACR_VALUES.test(value ?? '') ? undefined : WRONG_ACR;
  if (!name.startsWith('step_up')) return undefined;
  const nearest = nearestWord(name, [MAX_AGE, ACR]);
  return {
    message: `there is no annotation @${name}`,
    fix: nearest === undefined ? `known are: @${MAX_AGE}, @${ACR}` : `did you mean @${nearest}?`,
  };
}

function isAge(value: string | null): boolean {
  const seconds = DIGITS.test(value ?? '') ? Number(value) : 0;
  return seconds >= SECONDS.min && seconds <= SECONDS.max;
}

const WRONG_AGE = {
  message: `@${MAX_AGE} is not a number of seconds from ${SECONDS.min} to ${SECONDS.max}`,
  fix: `write @${MAX_AGE}("300") for a sign-in from the last five minutes`,
};
const WRONG_ACR = {
  message: `@${ACR} is not a list of one to 16 values`,
  fix: `write @${ACR}("phr phrh"): values as the identity provider spells them, with one space between two`,
};
