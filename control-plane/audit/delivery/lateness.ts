/** Beyond this, people are told once, operators as long as it lasts. */
const LATE_MS = 300_000;
/** Below this it has caught up: what goes on being slow is one alarm, not one for each batch. */
const CAUGHT_UP_MS = 60_000;

/** Whether operators hear of it. `behindMs`: age of the oldest that waits. `wasLate`: the answer of the look before. */
export function isLate(behindMs: number, wasLate: boolean): boolean {
  return behindMs >= (wasLate ? CAUGHT_UP_MS : LATE_MS);
}
