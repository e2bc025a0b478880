import { z } from 'zod';

/** Who signs its signals, for whom, and with which keys (where those are not the provider's own). */
const signer = {
  issuer: z.url({ protocol: /^https?$/ }),
  jwksUri: z.url({ protocol: /^https?$/ }).optional(),
};

/** The keys of an identity provider that say by which ways it may report that somebody is out. */
export function revocationKeys(outerReference: z.ZodString) {
  return {
    /** A logout at the provider (OpenID Connect Back-Channel Logout 1.0) ends the sessions that began with it. */
    backchannelLogout: z.boolean().default(true),
    /** Okta Universal Logout; `audience` is the address of the endpoint where absent. */
    universalLogout: z.strictObject({ ...signer, audience: z.string().min(1).optional() }).optional(),
    /** Shared Signals by push (RFC 8935); `secret` is the bearer token that the transmitter must send besides. */
    sharedSignals: z
      .strictObject({ ...signer, audience: z.string().min(1), secret: outerReference.optional() })
      .optional(),
  } as const;
}
