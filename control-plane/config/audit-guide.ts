import { CHECKPOINT_GUIDE } from './checkpoint-guide.js';
import { EXPORT_GUIDE } from './export-guide.js';

const ARGUMENTS = 'write none, hash, policy, redacted or full (docs/audit-record.md)';
const RESULTS = 'write none, hash, redacted or full (docs/audit-record.md)';
const DAYS = 'write a number of days such as 400d, at most 99999d, or forever (docs/guides/retention.md)';

/** What to write under `audit`. */
export const AUDIT_GUIDE: readonly (readonly [pattern: string, text: string])[] = [
  ['audit', 'write what is kept of calls, for example { capture: { arguments: policy, results: none } }'],
  ['audit.capture', 'write arguments and results, with servers for those where it is another'],
  ['audit.capture.arguments', ARGUMENTS],
  ['audit.capture.results', RESULTS],
  ['audit.capture.maxBytes', 'write a number of bytes from 1024 to 1048576'],
  ['audit.capture.servers', 'name servers, for example { crm: { arguments: full, results: redacted } }'],
  ['audit.capture.servers.*', 'write arguments, results, or tools where one tool differs'],
  ['audit.capture.servers.*.arguments', ARGUMENTS],
  ['audit.capture.servers.*.results', RESULTS],
  ['audit.capture.servers.*.tools', 'name tools, for example { delete_customer: { arguments: full } }'],
  ['audit.capture.servers.*.tools.*', 'write arguments, results or both'],
  ['audit.capture.servers.*.tools.*.arguments', ARGUMENTS],
  ['audit.capture.servers.*.tools.*.results', RESULTS],
  ['audit.retention', 'write how long each kind is kept, for example { calls: 400d, lists: 90d }'],
  ['audit.retention.calls', DAYS],
  ['audit.retention.lists', DAYS],
  ['audit.retention.identity', DAYS],
  ['audit.retention.administration', DAYS],
  ...CHECKPOINT_GUIDE,
  ...EXPORT_GUIDE,
];
