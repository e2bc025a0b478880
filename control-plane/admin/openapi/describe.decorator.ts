import { SetMetadata, type CustomDecorator } from '@nestjs/common';
import type { z } from 'zod';

export const DESCRIPTION = Symbol('description');

/** What the OpenAPI document says of a handler, beside its path, method and access rule. */
export interface Description {
  /** Unique; what generated clients call the operation. */
  readonly id: string;
  readonly summary: string;
  readonly path?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodObject;
  readonly answer: z.ZodType;
}

export function Describe(description: Description): CustomDecorator<symbol> {
  return SetMetadata(DESCRIPTION, description);
}
