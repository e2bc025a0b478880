import { z } from 'zod';

/** The personal part of a record, as it is shown so that anybody can check it against the record's commitment. */
export const disclosureSchema = z.union([
  z.object({
    state: z.literal('shown'),
    /** Base64: the key of the commitment. */
    salt: z.string(),
    /** Canonical JSON (RFC 8785): HMAC-SHA256 of these bytes is the header's `payload`. */
    personal: z.string(),
  }),
  z.object({
    /** The reader's role withholds it, the person was erased, its time ran out, or what is stored is not what was logged. */
    state: z.enum(['withheld', 'erased', 'expired', 'damaged']),
  }),
]);
export type Disclosure = z.output<typeof disclosureSchema>;

/** A call's intent and, once it has one, its outcome; of anything else the one record. */
export const receiptSchema = z.object({
  format: z.literal('mcp-sso-receipt@v1'),
  /** C2SP verifier key of the checkpoint: compare it with the one that was published. */
  verifierKey: z.string(),
  records: z.array(
    z.object({
      /** Canonical JSON (RFC 8785), whose bytes are the Merkle leaf. */
      header: z.string(),
      /** Its place in the tree, the hashes that lead to the root, and the signed checkpoint (c2sp.org/tlog-proof). */
      proof: z.string(),
      personal: disclosureSchema,
    }),
  ),
});
export type Receipt = z.output<typeof receiptSchema>;
