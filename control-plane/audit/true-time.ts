import { CodedError } from '#shared/errors.js';
import { isOff, skewText, type Skewed } from '../clock/skew.js';

const LIMIT_MS = 300_000;
const DATABASE: Skewed = { name: 'the database', limitMs: LIMIT_MS };
const NEWEST_RECORD: Skewed = { name: 'the newest audit record', limitMs: LIMIT_MS };

/** No record is written while this machine, or the database, does not know what time it is. Its message is for operators. */
export class WrongClock extends CodedError {
  /** For who called. */
  readonly refusal =
    'The clock of the control plane is wrong, so nothing can be put on record and the call was refused. Tell your administrator.';

  constructor(message: string) {
    super('config_invalid', { message });
  }
}

/** What there is to tell a true time by, in epoch milliseconds. */
export interface KnownTimes {
  /** Of the last record; the log's times never run backwards. */
  readonly newest: number;
  /** PostgreSQL's clock, by which several control planes agree; SQLite has none. */
  readonly database: number | undefined;
}

/**
 * Why records that this machine dates at `times` (epoch milliseconds) would not be true; undefined where they would. With PostgreSQL it is
 * the machine whose clock is off that writes nothing, and the others go on.
 */
export function clockFault(times: readonly number[], { newest, database }: KnownTimes): string | undefined {
  const latest = times.reduce((later, time) => Math.max(later, time), 0);
  if (database === undefined) return fault(NEWEST_RECORD, Math.min(0, latest - newest));
  const skews = times.map((time) => time - database);
  const worst = skews.reduce((most, skew) => (Math.abs(skew) > Math.abs(most) ? skew : most), 0);
  return fault(DATABASE, worst) ?? fault(NEWEST_RECORD, Math.min(0, database - newest), 'the database');
}

/** @throws WrongClock where there is a `clockFault`. */
export function refuseWrongClock(times: readonly number[], known: KnownTimes): void {
  const message = clockFault(times, known);
  if (message !== undefined) throw new WrongClock(message);
}

function fault(than: Skewed, skewMs: number, whose?: string): string | undefined {
  return isOff(than, skewMs) ? skewText(than.name, skewMs, whose) : undefined;
}
