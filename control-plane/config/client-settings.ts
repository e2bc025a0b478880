import { z } from 'zod';

/** `claude.ai`, `apps.acme.example:8443`: a DNS name, never an address. */
const HOST = /^(?=.{1,255}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z]([a-z0-9-]{0,61}[a-z0-9])?(:[1-9]\d{0,4})?$/;
/** The same, this computer, or the scheme and host of an app: `cursor://anysphere.cursor-mcp`. */
const REDIRECT_HOST = /^([a-z][a-z0-9+.-]{0,31}:\/\/[\w.-]{1,255}|127\.0\.0\.1|\[::1\]|[a-z0-9][a-z0-9.:-]{0,254})$/;

const host = z.string().regex(HOST, 'write a host name in lower case, without https://');

/** As its client publishes it; members that we don't use may stay in. */
const seededDocument = z.looseObject({ redirect_uris: z.array(z.string()).min(1) });

/** `identity.clients`: apps of other companies that come to `/mcp` without the bridge. */
export const clientSettings = z
  .strictObject({
    /** Client-id metadata documents: hosts that are asked for them, and documents that are never fetched. */
    metadataDocuments: z
      .strictObject({
        hosts: z.array(host).default([]),
        seeded: z
          .record(
            z.string().regex(/^https:\/\/[^\s#]{1,248}$/, 'write the https address that is the client’s id'),
            seededDocument,
          )
          .default({}),
      })
      .prefault({}),
    /** Dynamic registration (RFC 7591): to which hosts those who register may have codes sent. */
    registration: z
      .union([
        z.literal('off'),
        z.strictObject({
          redirectHosts: z.array(z.string().regex(REDIRECT_HOST, 'write a host name, or SCHEME://HOST')).min(1),
        }),
      ])
      .default('off'),
  })
  .prefault({});
