import { z } from 'zod';
import { readParameters } from './read-parameters.js';

const nothing = z.strictObject({});

/** Throws `params_invalid` for a query where none is read: whoever sends one expects it to matter. */
export function refuseQuery(raw: unknown): void {
  readParameters(nothing, raw);
}
