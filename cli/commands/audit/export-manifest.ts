import { z } from 'zod';

/** What an export of the audit log consists of: one record a line, in the log's order. */
export const EXPORT_FILES = {
  manifest: 'manifest.json',
  /** Canonical JSON, whose bytes are the Merkle leaves. */
  headers: 'headers.ndjson',
  /** Base64: the hash under which each record was logged. */
  leaves: 'leaves.txt',
  /** The personal part of each record, with the salt of its commitment. */
  payloads: 'payloads.ndjson',
  /** C2SP signed note over the last record and all before it. */
  checkpoint: 'checkpoint.txt',
  verifierKey: 'verifier-key.txt',
} as const;

export const exportManifestSchema = z.object({
  format: z.literal('mcp-sso-audit-export@v1'),
  /** Address of the control plane. */
  source: z.string(),
  /** RFC 3339, UTC. */
  exportedAt: z.string(),
  /** Index of the first record. */
  from: z.int().nonnegative(),
  records: z.int().nonnegative(),
  /** Roots (base64) of the perfect subtrees of the records before `from`, largest first. */
  edge: z.array(z.string().regex(/^[A-Za-z0-9+/]{43}=$/)),
  payloads: z.boolean(),
});
export type ExportManifest = z.output<typeof exportManifestSchema>;
