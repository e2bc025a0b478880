import { z } from 'zod';

const text = z.string().min(1).max(255);
const email = z.string().min(3).max(320);

const simple = z.discriminatedUnion('format', [
  z.object({ format: z.literal('iss_sub'), iss: text, sub: text }),
  z.object({ format: z.literal('email'), email }),
  z.object({ format: z.literal('opaque'), id: text }),
]);

/** Whom a signal names (RFC 9493 §3.2), in the forms that can lead to somebody here. */
export type SubjectIdentifier = z.output<typeof simple> | { readonly format: 'session'; readonly id: string };

/** OpenID Shared Signals 1.0 §3.2: a `format` is given or not, and members that we don't know only narrow the subject. */
const complex = z.object({ user: z.unknown().optional(), session: z.unknown().optional() });

/**
 * The subject as one simple identifier. Of a complex one the user counts, since more ends rather than less, and
 * its session only where there is no user. Undefined for what is no subject, or none of these forms.
 */
export function subjectOf(value: unknown): SubjectIdentifier | undefined {
  const direct = simple.safeParse(inCurrentSpelling(value));
  if (direct.success) return direct.data;
  const parts = complex.safeParse(value);
  if (!parts.success) return undefined;
  const user = simple.safeParse(inCurrentSpelling(parts.data.user));
  if (user.success) return user.data;
  const session = simple.safeParse(parts.data.session);
  if (parts.data.user !== undefined || !session.success || session.data.format !== 'opaque') return undefined;
  return { format: 'session', id: session.data.id };
}

/** Google and the drafts before RFC 9493 write `subject_type: iss-sub`. */
function inCurrentSpelling(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('subject_type' in value) || 'format' in value) return value;
  const { subject_type: type, ...rest } = value;
  return { ...rest, format: typeof type === 'string' ? type.replace('-', '_') : type };
}
