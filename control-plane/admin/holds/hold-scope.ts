import type { HoldRequest } from '#shared/api/holds.js';
import { CodedError } from '#shared/errors.js';
import type { HoldScope } from '../../audit/legal-holds/legal-hold.js';

/**
 * What a request asks to hold. `person`: the id of the person whom it names, or null. Throws `params_invalid` where it names
 * nothing and does not say `everything`, where it does both, and where its time is empty.
 */
export function holdScope({ server, from, to, everything }: HoldRequest, person: string | null): HoldScope {
  const scope = { person, server: server ?? null, from: milliseconds(from), to: milliseconds(to) };
  const isNamed = Object.values(scope).some((part) => part !== null);
  if (!isNamed && everything !== true) {
    throw new CodedError('params_invalid', {
      message: 'Say what to hold: `person`, `server`, `from` or `to`, or `everything: true` for every record there is.',
    });
  }
  if (isNamed && everything === true) {
    throw new CodedError('params_invalid', {
      message: '`everything` goes with nothing else. Leave it out to hold what the others name.',
    });
  }
  if (scope.from !== null && scope.to !== null && scope.from >= scope.to) {
    throw new CodedError('params_invalid', { message: '`from` is not before `to`, so the hold would cover nothing.' });
  }
  return scope;
}

function milliseconds(time: string | undefined): number | null {
  return time === undefined ? null : Date.parse(time);
}
