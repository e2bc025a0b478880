import { meets, type StepUp } from '#shared/api/step-up.js';
import { CodedError } from '#shared/errors.js';
import type { Person, Session } from '../caller.js';

/** Somebody else signed in than the one whose sign-in it continues: the page names both and offers another try. */
export class OtherPerson extends CodedError {
  constructor(
    readonly interaction: string,
    signedIn: Person,
    wanted: Person | undefined,
  ) {
    super('sign_in_failed', {
      message:
        `You signed in as ${accountOf(signedIn)}, but only ${wanted ? accountOf(wanted) : 'the person who began'} can ` +
        'complete this. Nothing was changed.',
    });
  }
}

function accountOf({ name, email, provider }: Person): string {
  if (name !== null && email !== null) return `${name} (${email})`;
  return name ?? email ?? `another account of ${provider}`;
}

/** Throws `sign_in_failed` where the IdP did not do what was asked of it; what it left out counts as not done. */
export function requireAsked(
  provider: string,
  signIn: Pick<Session, 'authTime' | 'acr'>,
  { maxAge, acrValues }: StepUp,
  now: number,
): void {
  if (maxAge !== undefined && !isYounger(signIn, maxAge, now)) {
    throw new CodedError('sign_in_failed', {
      message:
        `This needs a new sign-in at the identity provider, and ${provider} did not confirm one. Sign out there and try ` +
        'again. If that does not help, ask your administrator whether it supports max_age and sends auth_time.',
    });
  }
  if (acrValues === undefined || meets(signIn, { acrValues }, now)) return;
  const given = signIn.acr === null ? 'did not say of which kind it was' : `confirmed “${signIn.acr}”`;
  throw new CodedError('sign_in_failed', {
    message:
      `This needs a sign-in of the kind ${acrValues.join(' or ')} (acr), and ${provider} ${given}. Ask your ` +
      'administrator whether it supports acr_values, and whether your account has what that kind needs.',
  });
}

function isYounger({ authTime }: Pick<Session, 'authTime'>, maxAge: number, now: number): boolean {
  return now - authTime <= maxAge * 1000;
}
