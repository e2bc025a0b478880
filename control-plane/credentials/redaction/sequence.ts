import { joined, type Encoding, type Unit } from './spellings.js';

// One expression over a whole secret of a few thousand characters takes V8 seconds to compile and may overflow its
// stack, with the secret in the error's message. So a short head is searched for, and the rest compared in steps.
const STEP_UNITS = 32;

/** How many steps may still be compared; each takes one. */
export interface Effort {
  left: number;
}

/** One encoding as expressions that follow one another, each made when a text is the first to get that far. */
export class Sequence {
  readonly #steps: RegExp[] = [];
  #units: Iterator<Unit> | undefined;
  #isComplete = false;

  constructor(private readonly encoding: Encoding) {}

  /** Where it ends that begins at `start`, or `start` where it does not stand there. Text is latin1. */
  endIn(text: string, start: number, effort: Effort): number {
    let at = start;
    for (let index = 0, step = this.#step(0); step !== undefined; index += 1, step = this.#step(index)) {
      effort.left -= 1;
      step.lastIndex = at;
      if (!step.test(text)) return start;
      at = step.lastIndex;
    }
    return at;
  }

  #step(index: number): RegExp | undefined {
    const known = this.#steps[index];
    if (known !== undefined || this.#isComplete) return known;
    this.#units ??= this.encoding.units()[Symbol.iterator]();
    const units = upTo(STEP_UNITS, this.#units);
    this.#isComplete = units.length < STEP_UNITS;
    if (units.length === 0) return undefined;
    const step = new RegExp(joined(units).source, 'y');
    this.#steps.push(step);
    return step;
  }
}

/** The next so many units, or as many as there are. */
export function upTo(count: number, units: Iterator<Unit>): Unit[] {
  const taken: Unit[] = [];
  while (taken.length < count) {
    const next = units.next();
    if (next.done === true) break;
    taken.push(next.value);
  }
  return taken;
}
