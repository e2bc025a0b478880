import type { RecordFacts, RecordPersonal } from '../../audit/record.js';
import { isPlainName } from '../../audit/target-hash.js';
import { namedByOthers, type Naming } from './named-by-others.js';
import type { Target } from './route.js';

/** What a record says of its target. */
export interface TargetOnRecord {
  readonly facts: Pick<RecordFacts, 'target'>;
  readonly personal: Pick<RecordPersonal, 'target'>;
}

/**
 * A URI is spelled by the client and may name a person or hold a key, so it is personal, and the audit puts its keyed
 * hash in the header. So is a name that has not the form of one, unless somebody other than the client has given it.
 */
export function targetOnRecord(parts: Naming, server: string, target: Target): TargetOnRecord {
  const { kind, name } = target;
  const isName = kind !== 'resource' && (isPlainName(name) || namedByOthers(parts, server, target));
  return isName ? { facts: { target: name }, personal: {} } : { facts: {}, personal: { target: name } };
}
