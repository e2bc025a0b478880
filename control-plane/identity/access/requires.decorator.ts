import { SetMetadata, type CustomDecorator } from '@nestjs/common';
import type { Role } from '../../config/settings.js';

export const ACCESS = Symbol('access');

/** What a caller of the admin API must bring: a scope of the token, and one of the roles where any are named. */
export interface AccessRule {
  readonly scope: string;
  readonly roles?: readonly Role[];
  /** Without any of the roles a caller gets in too, and reaches only what is their own (`@CurrentReach`). */
  readonly own?: boolean;
  /** Needs a sign-in not older than 10 minutes. What changes something always does, whether this is set or not. */
  readonly fresh?: boolean;
  /** Changes nothing although it is a POST: what it asks about does not fit into a path. */
  readonly reads?: boolean;
}

/** Whose data a caller was let in to: anyone's by a role, or their own. */
export type Reach = 'anyone' | 'own';

const READING = new Set(['GET', 'HEAD']);

/** Whether a rule, for this HTTP method, needs a sign-in not older than 10 minutes. */
export function needsFreshSignIn({ fresh = false, reads = false }: AccessRule, method: string): boolean {
  return fresh || !(reads || READING.has(method));
}

export function Requires(rule: AccessRule): CustomDecorator<symbol> {
  return SetMetadata(ACCESS, rule);
}
