/** A clock reading without a zone. `month` counts from 1; `day` and the clock may overflow, as in Date.UTC. */
export interface LocalTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const DAY = 86_400_000;

/** One IANA time zone, by the tables of the runtime (ICU). */
export class TimeZone {
  readonly #format: Intl.DateTimeFormat;

  private constructor(readonly name: string) {
    this.#format = new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  /** Undefined where the runtime knows no such zone. */
  static named(name: string): TimeZone | undefined {
    try {
      return new TimeZone(name);
    } catch {
      return undefined;
    }
  }

  static ofThisMachine(): TimeZone {
    return new TimeZone(new Intl.DateTimeFormat().resolvedOptions().timeZone);
  }

  /** What a clock in this zone shows at an instant (epoch milliseconds). */
  localTime(instant: number): LocalTime {
    const parts = new Map(this.#format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
    const read = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
    return {
      year: read('year'),
      month: read('month'),
      day: read('day'),
      hour: read('hour'),
      minute: read('minute'),
      second: read('second'),
    };
  }

  /**
   * The instant (epoch milliseconds) at which the clock shows this. Shown twice (clocks set back): the first time.
   * Never shown (clocks set forward): as much later as they were set, as Temporal's "compatible" does.
   */
  instantOf(local: LocalTime): number {
    const wanted = asUtc(local);
    const offsets = [this.#offset(wanted - DAY), this.#offset(wanted + DAY)];
    const shown = offsets.map((offset) => wanted - offset).filter((at) => this.#offset(at) === wanted - at);
    return shown.length > 0 ? Math.min(...shown) : wanted - offsets[0]!;
  }

  /** Milliseconds by which this zone is ahead of UTC at an instant. */
  #offset(instant: number): number {
    const whole = Math.floor(instant / 1000) * 1000;
    return asUtc(this.localTime(whole)) - whole;
  }
}

/** The reading as if it were UTC, in epoch milliseconds. */
export function asUtc({ year, month, day, hour, minute, second }: LocalTime): number {
  return Date.UTC(year, month - 1, day, hour, minute, second);
}
