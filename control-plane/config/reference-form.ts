import { z } from 'zod';

/** A secret outside of our own store. */
export const outerReference = z.string().regex(/^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/, 'write env:NAME or file:PATH');

/** A secret anywhere: outside, or in our own store. */
export const secretReference = z
  .string()
  .regex(
    /^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+|secret:[a-z0-9][a-z0-9-]{0,63})$/,
    'write env:NAME, file:PATH or secret:NAME',
  );
