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
  /** Records that an earlier checkpoint has shown to be those of then. */
  #held = 0;

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
    // The records before the first have to be those of a checkpoint over exactly them.
    const finding = this.#changed() ?? this.#order.check(index, header);
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
    return this.#contradicts(signed) ? changed(this.#held, size, 'the signed checkpoint') : (this.#changed() ?? signed);
  }

  #changed(): LogFinding | undefined {
    const { size } = this.#range;
    const covering = this.#earlier.get(size) ?? [];
    if (covering.some((checkpoint) => this.#contradicts(checkpoint))) {
      return changed(this.#held, size, 'an earlier check');
    }
    if (covering.length > 0) this.#held = size;
    return undefined;
  }

  #contradicts(checkpoint: Checkpoint): boolean {
    return this.#range.size === checkpoint.size && !this.#range.root().equals(checkpoint.root);
  }
}

function cut(before: number, now: number): LogFinding {
  return { index: now, message: `The log was cut: it had ${before} records at an earlier check and has ${now} now.` };
}

/** `held`: so many at the beginning are as they were. */
function changed(held: number, size: number, source: string): LogFinding {
  const which = held === 0 ? 'at least one' : `at least one from record ${held} on`;
  return {
    message: `The first ${size} records are not those of ${source}: ${which} was changed, removed, added or moved.`,
    ...(held === 0 ? {} : { index: held }),
  };
}
