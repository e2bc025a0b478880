/** A time in which no record could be written: epoch milliseconds, without `until` while it lasts. */
export interface Outage {
  readonly since: number;
  readonly until?: number;
}

/** Failures that follow so soon after each other are one outage, of which people are told once. */
const APART_MS = 300_000;

/** After a record that could not be written. */
export function failedAt(outage: Outage | undefined, now: number): Outage {
  if (outage?.until === undefined) return outage ?? { since: now };
  return now - outage.until < APART_MS ? { since: outage.since } : { since: now };
}

/** After a record that was written. */
export function resumedAt(outage: Outage | undefined, now: number): Outage | undefined {
  return outage && lasts(outage) ? { ...outage, until: now } : outage;
}

export function lasts(outage: Outage | undefined): boolean {
  return outage !== undefined && outage.until === undefined;
}

/** For people outside, who learn the cause from the operator. */
export function outageText({ since, until }: Outage): string {
  const begun = new Date(since).toISOString();
  if (until === undefined) {
    return `The audit log cannot be written since ${begun}, so every call is refused. The log of the control plane and /health of adminListen say why.`;
  }
  return `The audit log could not be written from ${begun} to ${new Date(until).toISOString()}; calls were refused meanwhile. The log of the control plane says why.`;
}
