import { isOff, measure, skewWords } from '../../../clock/skew.js';
import { providerClock } from '../provider-clock.js';
import type { Objection } from './objection.js';

/** An ID token from further ahead is refused. */
const LIMIT_MS = 30_000;

/** Compares this machine's clock with the provider's. */
export async function timeObjections(id: string, issuer: string): Promise<Objection[]> {
  const clock = providerClock(id, issuer, LIMIT_MS);
  try {
    const skewMs = await measure(clock);
    if (!isOff(clock, skewMs)) return [];
    const fix = 'set this machine’s clock right (NTP), or that of the provider';
    return [{ severity: 'fault', key: '', message: `the ${skewWords(clock.name, skewMs)}`, fix }];
  } catch {
    const message = 'its clock cannot be compared with this machine’s';
    return [{ severity: 'warning', key: '', message, fix: 'make sure that it and this machine are set by NTP' }];
  }
}
