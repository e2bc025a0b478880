import type { Checkpoint } from './checkpoint.js';
import { commitmentTo } from './commitment.js';
import { rootOfInclusion } from './merkle-proof.js';
import { leafHash } from './merkle-tree.js';
import { openCheckpoint } from './open-checkpoint.js';
import type { Disclosure, Receipt } from './receipt.js';
import { parseHeader, type RecordHeader } from './record-header.js';
import { parseTlogProof } from './tlog-proof.js';
import type { LogFinding } from './verify-log.js';

/** The records of a receipt that holds, each with what it proves. */
interface ProvenRecord {
  readonly index: number;
  readonly header: RecordHeader;
  readonly checkpoint: Checkpoint;
}

/** Checks a receipt offline with the log's key. The first finding, or what is proven. */
export function verifyReceipt({ records }: Receipt, verifierKey: string): LogFinding | readonly ProvenRecord[] {
  const proven: ProvenRecord[] = [];
  for (const record of records) {
    const result = verifyRecord(record, verifierKey);
    if ('message' in result) return result;
    proven.push(result);
  }
  const [first, second] = proven;
  if (!first) return { message: 'The receipt holds no record.' };
  if (proven.length > 2 || (second && second.header.ref !== first.header.id)) {
    return { message: 'The records of the receipt are not those of one call.' };
  }
  if (
    second &&
    !(second.checkpoint.size === first.checkpoint.size && second.checkpoint.root.equals(first.checkpoint.root))
  ) {
    return { message: 'The records of the receipt are proven by different checkpoints.' };
  }
  return proven;
}

function verifyRecord(
  { header: text, proof, personal }: Receipt['records'][number],
  verifierKey: string,
): LogFinding | ProvenRecord {
  const header = parseHeader(text);
  if (!header) return { message: 'A record of the receipt is not a canonical audit record.' };
  const { id } = header;
  const parsed = parseTlogProof(proof);
  if (!parsed) return { id, message: 'Its proof is not of the form c2sp.org/tlog-proof@v1.' };
  const { index, hashes } = parsed;
  const checkpoint = openCheckpoint(parsed.checkpoint, verifierKey);
  if (!checkpoint) return { index, id, message: 'Its checkpoint does not carry a good signature of the log’s key.' };
  const root = rootOfInclusion({ leaf: leafHash(text), index, size: checkpoint.size, proof: hashes });
  if (!root?.equals(checkpoint.root)) {
    return { index, id, message: `Record ${index} is not in the log that the checkpoint is over: it was changed.` };
  }
  const finding = payloadFinding(index, header, personal);
  return finding ?? { index, header, checkpoint };
}

/** What is shown must be what was logged; what is erased or withheld proves nothing, and contradicts nothing. */
export function payloadFinding(index: number, header: RecordHeader, shown: Disclosure): LogFinding | undefined {
  const { id, payload } = header;
  if (shown.state === 'damaged') {
    return {
      index,
      id,
      message: `The personal data of record ${index} is not what was logged: it was changed or removed.`,
    };
  }
  if (shown.state !== 'shown') return undefined;
  const salt = Buffer.from(shown.salt, 'base64');
  if (salt.length > 0 && commitmentTo(salt, shown.personal) === payload) return undefined;
  return { index, id, message: `The personal data shown for record ${index} is not what it commits to.` };
}
