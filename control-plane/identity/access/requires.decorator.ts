import { SetMetadata, type CustomDecorator } from '@nestjs/common';
import type { Role } from '../../config/settings.js';

export const ACCESS = Symbol('access');

/** What a caller of the admin API must bring: a scope of the token, and one of the roles where any are named. */
export interface AccessRule {
  readonly scope: string;
  readonly roles?: readonly Role[];
}

export function Requires(rule: AccessRule): CustomDecorator<symbol> {
  return SetMetadata(ACCESS, rule);
}
