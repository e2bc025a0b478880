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
  readonly #range: CompactRange;
  readonly #order: RecordOrder;
  readonly #earlier: ReadonlyMap<number, readonly Checkpoint[]>;

  /**
   * `earlier`: checkpoints that held before, whose notes were verified then; the log must still begin with each.
   * `before`: the tree of the records before the first that is added; those of `earlier` that are smaller say nothing.
   */
  constructor(
    private readonly verifierKey: string,
    earlier: readonly Checkpoint[] = [],
    before = new CompactRange(),
  ) {
    this.#range = before.clone();
    this.#order = new RecordOrder(before.size > 0);
    this.#earlier = Map.groupBy(earlier, ({ size }) => size);
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
    return this.#changed();
  }

  finish(note: string): LogFinding | Checkpoint {
    const signed = openCheckpoint(note, this.verifierKey);
    if (!signed) return { message: 'The checkpoint does not carry a good signature of the log’s key.' };
    const { size } = this.#range;
    const most = [...this.#earlier.keys()].reduce((a, b) => Math.max(a, b), 0);
    if (signed.size < most) return cut(most, signed.size);
    if (size < signed.size) return { index: size, message: `Record ${size} is missing: ${signed.size} were signed.` };
    if (size > signed.size) return { index: signed.size, message: `Record ${signed.size} is more than was signed.` };
    return this.#contradicts(signed) ? changed(size, 'the signed checkpoint') : (this.#changed() ?? signed);
  }

  #changed(): LogFinding | undefined {
    const { size } = this.#range;
    const isChanged = this.#earlier.get(size)?.some((checkpoint) => this.#contradicts(checkpoint));
    return isChanged === true ? changed(size, 'an earlier check') : undefined;
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
