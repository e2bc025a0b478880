import { z } from 'zod';
import { outerReference } from './reference-form.js';

/** What people can be told of. */
const ANNOUNCEMENT_KINDS = [
  'approval.requested',
  'approval.decided',
  'grant.requested',
  'grant.given',
  'grant.refused',
  'grant.ended',
  'grant.break-glass',
  'review.held',
  'identity.break-glass',
  'session.disowned',
  'audit.alarm',
  'policy.problem',
  'credential.refused',
] as const;
export type AnnouncementKind = (typeof ANNOUNCEMENT_KINDS)[number];

const MAX_CHANNELS = 20;
const MAX_RECIPIENTS = 20;

const events = z.array(z.enum(ANNOUNCEMENT_KINDS)).min(1).optional();
const channelName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'use lower-case letters, digits and dashes');

/** One address that is told by HTTP, signed as Standard Webhooks says. */
const webhook = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  /** Of `whsec_…`, the key of the signatures. */
  secret: outerReference,
  /** All where absent. */
  events,
});

const smtp = z.strictObject({
  /** smtp: STARTTLS, smtps: TLS from the first byte. */
  url: z.url({ protocol: /^smtps?$/ }),
  username: z.string().min(1).optional(),
  password: outerReference.optional(),
  from: z.email(),
  to: z.array(z.email()).min(1).max(MAX_RECIPIENTS),
  events,
});

/** `notifications`: whom the control plane tells by itself. */
export const notificationSettings = z
  .strictObject({
    webhooks: z
      .record(channelName, webhook)
      .refine((all) => Object.keys(all).length <= MAX_CHANNELS, `name at most ${MAX_CHANNELS}`)
      .default({}),
    smtp: smtp.optional(),
  })
  .prefault({});

export type WebhookSettings = z.output<typeof webhook>;
export type SmtpSettings = z.output<typeof smtp>;
