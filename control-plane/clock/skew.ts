import { CodedError } from '#shared/errors.js';

/** What a clock is compared with. */
export interface Skewed {
  /** As sentences name it. */
  readonly name: string;
  /** How far the clock may be from it, either way. */
  readonly limitMs: number;
}

/** Another clock than this machine's. */
export interface Clock extends Skewed {
  /** Epoch milliseconds there. Rejects where it cannot be asked. */
  read(): Promise<number>;
}

/**
 * Milliseconds by which this machine's clock is ahead of another (negative: behind). 0 where the difference may come from
 * the time that asking took.
 */
export async function measure(clock: Clock): Promise<number> {
  const before = Date.now();
  const there = await clock.read();
  const after = Date.now();
  if (!Number.isFinite(there)) throw new Error(`${clock.name} tells no time`);
  if (there < before) return before - there;
  return Math.min(0, after - there);
}

export function isOff({ limitMs }: Pick<Skewed, 'limitMs'>, skewMs: number): boolean {
  return Math.abs(skewMs) > limitMs;
}

/** @throws CodedError config_invalid where the skew is beyond the clock's limit. */
export function refuseSkew(clock: Skewed, skewMs: number): void {
  if (isOff(clock, skewMs)) throw new CodedError('config_invalid', { message: skewText(clock.name, skewMs) });
}

/** By how much, compared with what, and what to do. */
export function skewText(name: string, skewMs: number, whose?: string): string {
  return `The ${skewWords(name, skewMs, whose)}. Set it right (NTP).`;
}

/** By how much and compared with what, to be part of a sentence. `whose` clock it is. */
export function skewWords(name: string, skewMs: number, whose = 'this machine'): string {
  const direction = skewMs > 0 ? 'ahead of' : 'behind';
  return `clock of ${whose} is ${duration(Math.abs(skewMs))} ${direction} ${name}`;
}

const UNITS = [
  ['days', 86_400_000],
  ['hours', 3_600_000],
  ['minutes', 60_000],
  ['seconds', 1000],
] as const;

/** In the largest unit of which there are at least two. */
function duration(ms: number): string {
  const [name, size] = UNITS.find(([, unit]) => ms >= 2 * unit) ?? UNITS[3];
  return `${Math.round(ms / size)} ${name}`;
}
