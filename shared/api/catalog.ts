import { z } from 'zod';

const revisionNumber = z.int().min(1);

/** `GET /api/v1/catalog`: `before` is the number below which the page of the history begins. */
export const catalogQuerySchema = z.strictObject({
  before: z.coerce.number().int().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

/** Why something was changed: one line. */
const messageSchema = z.string().regex(/^(?=.*\S)[^\p{C}]{1,500}$/u, 'write one line of up to 500 characters');

/** One revision, without what is in it. Times are RFC 3339, UTC. */
const revisionFactsSchema = z.object({
  number: revisionNumber,
  /** The revision that it was made from; null for the first. */
  parent: revisionNumber.nullable(),
  /** SHA-256 (hex) of the stored content. */
  sha256: z.string(),
  source: z.enum(['files', 'api']),
  /** A person's id, or `system` for the configuration directory. */
  author: z.string(),
  /** Why it was made, in its author's words. */
  message: z.string().nullable(),
  createdAt: z.string(),
});
export type ListedRevision = z.output<typeof revisionFactsSchema>;

export const catalogSchema = z.object({
  /** Who makes revisions here. */
  source: z.enum(['files', 'api']),
  active: z.object({ number: revisionNumber, sha256: z.string(), activatedAt: z.string() }),
  /** Newest first. */
  history: z.array(revisionFactsSchema),
  /** The `before` of the next page; null at the end. */
  nextBefore: revisionNumber.nullable(),
});
export type Catalog = z.output<typeof catalogSchema>;

/** `GET /api/v1/catalog/revisions/{number}`. */
export const revisionParametersSchema = z.strictObject({ number: z.coerce.number().int().min(1) });

const policyFileSchema = z.strictObject({
  file: z
    .string()
    .regex(
      /^(policies\/[A-Za-z0-9][A-Za-z0-9._-]{0,100}\.(cedar|test\.yaml)|mcp-sso\.lock\.yaml)$/,
      'write policies/NAME.cedar, policies/NAME.test.yaml or mcp-sso.lock.yaml',
    ),
  text: z.string(),
});

export const policyFilesSchema = z
  .array(policyFileSchema)
  .max(1000)
  .refine((files) => new Set(files.map(({ file }) => file)).size === files.length, 'a file is named twice');
export type PolicyText = z.output<typeof policyFileSchema>;

/** Servers and roles in the form of `mcp-sso.yaml`. A revision that was read can be changed and sent again. */
export const revisionSchema = revisionFactsSchema.extend({
  servers: z.record(z.string(), z.unknown()),
  roles: z.record(z.string(), z.array(z.string())),
  policies: z.array(policyFileSchema),
});
export type ShownRevision = z.output<typeof revisionSchema>;

/** `POST /api/v1/catalog/revisions`: becomes active where `parent` is the active revision and nothing is wrong. */
export const proposalSchema = z.strictObject({
  parent: revisionNumber,
  message: messageSchema.optional(),
  servers: z.record(z.string(), z.unknown()),
  roles: z.record(z.string(), z.unknown()),
  policies: policyFilesSchema,
});

/** `POST /api/v1/catalog/activate`: makes an older revision active again. */
export const activationSchema = z.strictObject({
  number: revisionNumber,
  parent: revisionNumber,
  message: messageSchema.optional(),
});

export const activatedSchema = z.object({ active: revisionNumber });
export type Activated = z.output<typeof activatedSchema>;
