/** What to write under `audit.checkpoints`. */
export const CHECKPOINT_GUIDE: readonly (readonly [pattern: string, text: string])[] = [
  [
    'audit.checkpoints',
    'write where signed checkpoints go, for example { to: { vault: { kind: file, path: /mnt/worm/checkpoints.ndjson } } }',
  ],
  ['audit.checkpoints.everySeconds', 'write a number of seconds from 1 to 86400'],
  ['audit.checkpoints.everyRecords', 'write a number of records from 1 to 1000000'],
  ['audit.checkpoints.to', 'name places, each with its kind: file, webhook or object-storage'],
  ['audit.checkpoints.to.*', 'write its kind and what that kind needs (docs/guides/audit-proofs.md)'],
  ['audit.checkpoints.to.*.kind', 'write file, webhook or object-storage'],
  ['audit.checkpoints.to.*.path', 'write the path of a file; its folder must be there'],
  ['audit.checkpoints.to.*.url', 'write the https address that takes the webhook'],
  [
    'audit.checkpoints.to.*.secret',
    'write env:NAME or file:PATH of whsec_ and 32 random bytes in base64; make it with: echo "whsec_$(openssl rand -base64 32)"',
  ],
  ['audit.checkpoints.to.*.endpoint', 'write the https address of the S3 API, without the bucket'],
  ['audit.checkpoints.to.*.region', 'write the region, for example eu-central-1'],
  [
    'audit.checkpoints.to.*.bucket',
    'write the name of a bucket; give it object lock, so that nobody can delete from it',
  ],
  ['audit.checkpoints.to.*.prefix', 'write what the name of each object begins with, for example mcp-sso/'],
  ['audit.checkpoints.to.*.accessKeyId', 'write env:NAME or file:PATH of the access key’s id'],
  ['audit.checkpoints.to.*.secretAccessKey', 'write env:NAME or file:PATH; the key itself never belongs in this file'],
];
