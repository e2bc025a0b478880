import type { RecordFacts, RecordPersonal } from '../record.js';

/** What a record is about, as whoever may read what is personal sees it; a keyed hash where that was erased. */
export function targetOf(facts: RecordFacts, personal: RecordPersonal): string | undefined {
  return personal.target ?? facts.target;
}
