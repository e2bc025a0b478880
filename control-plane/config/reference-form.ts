import { z } from 'zod';

/** A secret outside of our own store. */
export const outerReference = z.string().regex(/^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/, 'write env:NAME or file:PATH');
