import { z } from 'zod';

/** As it is written: settings that were read are judged again beside a revision that comes by the API. */
export type Kept = `${number}d` | 'forever';

const kept = z
  .string()
  .regex(/^([1-9]\d{0,4}d|forever)$/, 'not a number of days such as 400d, or forever')
  .transform((text) => text as Kept);

/**
 * `audit.retention`: how long the personal part of records is kept, by their kind. The usual
 * values: a year and a month for calls (PCI DSS 10.5.1 wants 12 months), six years for what says who had access (HIPAA 45 CFR 164.316(b)(2)).
 */
export const retentionSettings = z
  .strictObject({
    calls: kept.prefault('400d'),
    lists: kept.prefault('90d'),
    identity: kept.prefault('2200d'),
    administration: kept.prefault('2200d'),
  })
  .prefault({});

export type RetentionSettings = z.output<typeof retentionSettings>;

/** Days, or Infinity. */
export function daysOf(text: Kept): number {
  return text === 'forever' ? Infinity : Number.parseInt(text, 10);
}
