import type { Checkpoint } from './checkpoint.js';
import { CompactRange, leafHash } from './merkle-tree.js';
import { openCheckpoint } from './open-checkpoint.js';
import { RecordOrder } from './record-order.js';

/** The first thing that is wrong with a log; `index` and `id` where it can be pinned to one record. */
export interface LogFinding {
  readonly message: string;
  readonly index?: number;
  readonly id?: string;
}

/** Checks a whole canonical log against a signed checkpoint, offline. The first finding, or the checkpoint that holds. */
export function verifyLog(headers: readonly string[], note: string, verifierKey: string): LogFinding | Checkpoint {
  const verification = new LogVerification(verifierKey);
  for (const header of headers) {
    const finding = verification.add(header);
    if (finding) return finding;
  }
  return verification.finish(note);
}

/** The same check, record by record, for a log that is larger than memory. After a finding it is of no more use. */
export class LogVerification {
  readonly #range = new CompactRange();
  readonly #order = new RecordOrder();
  readonly #earlier: Checkpoint | undefined;

  /** `earlier`: a checkpoint that held before, whose note was verified then; the log must still begin with it. */
  constructor(
    private readonly verifierKey: string,
    earlier?: Checkpoint,
  ) {
    this.#earlier = earlier;
  }

  /** `leaf` is the hash (base64) that the control plane keeps: it pins an edit to its record, and proves nothing. */
  add(header: string, leaf?: string): LogFinding | undefined {
    const index = this.#range.size;
    const finding = this.#order.check(index, header);
    if (finding) return finding;
    const hash = leafHash(header);
    if (leaf !== undefined && hash.toString('base64') !== leaf) {
      return { index, message: `Record ${index} was edited: it no longer has the hash under which it was logged.` };
    }
    this.#range.append(hash);
    return this.#earlier && this.#contradicts(this.#earlier)
      ? changed(this.#earlier.size, 'an earlier check')
      : undefined;
  }

  finish(note: string): LogFinding | Checkpoint {
    const signed = openCheckpoint(note, this.verifierKey);
    if (!signed) return { message: 'The checkpoint does not carry a good signature of the log’s key.' };
    const { size } = this.#range;
    if (this.#earlier && signed.size < this.#earlier.size) return cut(this.#earlier.size, signed.size);
    if (size < signed.size) return { index: size, message: `Record ${size} is missing: ${signed.size} were signed.` };
    if (size > signed.size) return { index: signed.size, message: `Record ${signed.size} is more than was signed.` };
    return this.#contradicts(signed) ? changed(size, 'the signed checkpoint') : signed;
  }

  #contradicts(checkpoint: Checkpoint): boolean {
    return this.#range.size === checkpoint.size && !this.#range.root().equals(checkpoint.root);
  }
}

function cut(before: number, now: number): LogFinding {
  return { index: now, message: `The log was cut: it had ${before} records at an earlier check and has ${now} now.` };
}

function changed(size: number, source: string): LogFinding {
  return {
    message: `The first ${size} records are not those of ${source}: at least one was changed, removed, added or moved.`,
  };
}
