import { deliveryGuide } from './delivery-guide.js';

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
  ...deliveryGuide('audit.checkpoints.to.*'),
];
