import canonicalize from 'canonicalize';
import { z } from 'zod';

/**
 * The header of an audit record: its canonical JSON (RFC 8785) is a Merkle leaf and is kept for ever, so it holds ids
 * and commitments, nothing personal. The form is strict: whoever adds a field raises `v`.
 */
const headerSchema = z.strictObject({
  v: z.literal(1),
  /** UUID v7. */
  id: z.uuidv7(),
  /** Epoch milliseconds; never less than the record before. */
  ts: z.int().nonnegative(),
  type: z.string(),
  phase: z.enum(['event', 'intent', 'outcome']),
  /** On an outcome: the id of its intent. */
  ref: z.uuidv7().optional(),
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.array(z.string()).readonly()])),
  /** HMAC-SHA256 (hex) of the canonical personal data under a salt that is sealed with that data. */
  payload: z.string().regex(/^[0-9a-f]{64}$/),
});
export type RecordHeader = z.output<typeof headerSchema>;

export function formatHeader(header: RecordHeader): string {
  return canonicalize(header)!;
}

/** Undefined for anything but the one canonical spelling of a header. */
export function parseHeader(text: string): RecordHeader | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = headerSchema.safeParse(value);
  return parsed.success && formatHeader(parsed.data) === text ? parsed.data : undefined;
}
