import { FRESH_SIGN_IN } from '#shared/api/paths.js';
import { CodedError } from '#shared/errors.js';
import type { Role } from '../../config/settings.js';
import type { Caller, Session } from '../caller.js';
import type { AccessRule, Reach } from './requires.decorator.js';

/** What a caller with these roles reaches under a rule. Throws `scope_insufficient` or `role_missing`. */
export function reachOf(rule: AccessRule, { scopes }: Caller, held: readonly Role[]): Reach {
  if (!scopes.includes(rule.scope)) throw new CodedError('scope_insufficient');
  if (rule.roles === undefined) return 'own';
  if (rule.roles.some((role) => held.includes(role))) return 'anyone';
  if (rule.own === true) return 'own';
  throw new CodedError('role_missing', {
    message: `This needs the role ${rule.roles.join(' or ')}, which your account does not have. Ask an owner of mcp-sso.`,
  });
}

/**
 * Throws `sign_in_stale` (RFC 9470) where the person last proved who they are more than 10 minutes ago. A break-glass
 * session lives for minutes anyway, and there may be nobody who could ask for a new proof.
 */
export function requireFresh({ authTime, kind }: Session, now: number): void {
  if (kind === 'break-glass') return;
  if (now - authTime > FRESH_SIGN_IN * 1000) throw new CodedError('sign_in_stale');
}

/**
 * Refuses what a browser sends for a page of another site. No cookie is ever read here, so such a request has no
 * credentials either; this holds even where a page has got hold of a token.
 */
export function refuseForeignOrigin(origin: string | undefined, publicUrl: string): void {
  if (origin === undefined || origin === new URL(publicUrl).origin) return;
  throw new CodedError('origin_refused', { detail: 'Origin' });
}
