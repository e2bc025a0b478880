import { z } from 'zod';

const address = z.url({ protocol: /^https?$/ });
const accountName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'use lower-case letters, digits and dashes');
const publicKeys = (reference: z.ZodString) => ({
  /** A public key (PEM). */
  publicKey: reference.optional(),
  /** A JWK Set (RFC 7517 §5) with public keys. */
  jwks: reference.optional(),
});

/** Identity assertions (ID-JAG) of a provider: off unless written down. */
export function identityAssertionKeys(reference: z.ZodString) {
  return {
    identityAssertions: z
      .strictObject({
        /** Who issues them, where that is not the provider's issuer. */
        issuer: address.optional(),
        /** Where its keys are, where its metadata does not say. */
        jwksUri: address.optional(),
        /** The clients that may bring them, by client id, each with how it authenticates (RFC 6749 §2.3, RFC 7523 §2.2). */
        clients: z.record(
          z
            .string()
            .regex(/^[\x21-\x7e]{1,200}$/, 'use printable characters without spaces')
            .regex(/^(?!(mcp-bridge|mcp-sso-admin)$|service\/)/, 'choose another id: this one is ours'),
          z.strictObject({ clientSecret: reference.optional(), ...publicKeys(reference) }),
        ),
      })
      .optional(),
  };
}

/** The value exactly, or a text's beginning up to a separator. */
const claimRule = z.union([
  z.string().min(1),
  z.number(),
  z.boolean(),
  z.strictObject({ prefix: z.string().regex(/.[:/]$/, 'end it with : or /') }),
]);

const serviceGroup = z.string().regex(/^service\/[a-z0-9][a-z0-9-]{0,39}$/, 'write service/GROUP');

/** Machines that sign in without a person, and whose word is taken for which. */
export function machineKeys(reference: z.ZodString) {
  const serviceAccount = z.strictObject({
    groups: z.array(serviceGroup).default([]),
    /** Whether it may act for a person whose token it holds (RFC 8693). */
    actsForPeople: z.boolean().default(false),
    privateKeyJwt: z.strictObject(publicKeys(reference)).optional(),
    trusted: z
      .array(z.strictObject({ issuer: z.string().min(1), claims: z.record(z.string().min(1), claimRule) }))
      .min(1)
      .optional(),
  });
  const trustedIssuer = z.strictObject({
    issuer: address,
    /** What its tokens must have as their only `aud`. */
    audience: z.string().min(1),
    jwksUri: address.optional(),
    /** In place of an address: a JWK Set that is read at the start. */
    jwks: reference.optional(),
  });
  return {
    serviceAccounts: z.record(accountName, serviceAccount).default({}),
    trustedIssuers: z.record(accountName, trustedIssuer).default({}),
  };
}

export type MachineSettings = z.output<z.ZodObject<ReturnType<typeof machineKeys>>>;
export type ServiceAccountSettings = MachineSettings['serviceAccounts'][string];
export type TrustedIssuerSettings = MachineSettings['trustedIssuers'][string];
export type ClaimRule = z.output<typeof claimRule>;
