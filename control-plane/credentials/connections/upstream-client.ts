import { z } from 'zod';

/** Ourselves, as an authorization server knows us. */
export const upstreamClient = z.discriminatedUnion('kind', [
  /** By `clientId` of the settings, with what proves it read from there each time. */
  z.strictObject({ kind: z.literal('settings'), clientId: z.string() }),
  /** By the document that we publish; there is no secret. */
  z.strictObject({ kind: z.literal('document'), clientId: z.string() }),
  /** Registered there (RFC 7591). Sealed with the tokens, so that they outlive another registration. */
  z.strictObject({
    kind: z.literal('registered'),
    id: z.string(), // ucl_…
    clientId: z.string(),
    clientSecret: z.string().nullable(),
    method: z.string(),
  }),
]);
export type UpstreamClient = z.output<typeof upstreamClient>;
export type RegisteredClient = Extract<UpstreamClient, { readonly kind: 'registered' }>;

/** What the row of a connection names it by. */
export function clientReference(client: UpstreamClient): string {
  return client.kind === 'registered' ? client.id : client.kind;
}
