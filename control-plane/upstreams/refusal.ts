import { CodedError } from '#shared/errors.js';
import { bearerChallenge, type BearerChallenge } from '../egress/bearer-challenge.js';
import type { ResponseHead } from './exchange.js';

const MAX_LOCATION = 200;

/** The server did nothing because of who asks (RFC 9110 §15.5.2, §15.5.4). The challenge is the server's word: never shown to people. */
export class UpstreamRefusal extends CodedError {
  constructor(
    readonly status: 401 | 403,
    readonly challenge: BearerChallenge,
  ) {
    const { error, scopes } = challenge;
    const wanted = scopes.length === 0 ? '' : `, it wants the scopes ${scopes.join(' ')}`;
    super('upstream_refused', { detail: `HTTP ${status}${error === undefined ? '' : ` ${error}`}${wanted}` });
    this.name = 'UpstreamRefusal';
  }
}

/** What a status says before anything else is looked at: a credential that is not taken, or a redirect. Undefined for all others. */
export function refusalOf({ status, headers, url }: ResponseHead): CodedError | undefined {
  if (status === 401 || status === 403)
    return new UpstreamRefusal(status, bearerChallenge(headers['www-authenticate']));
  return status >= 300 && status < 400 ? redirected(status, headers['location'], url) : undefined;
}

/** Throws where the credential was not taken. */
export function requireTaken(head: ResponseHead): void {
  const refusal = refusalOf(head);
  if (refusal instanceof UpstreamRefusal) throw refusal;
}

/** No redirect is followed, lest a credential goes where nobody said it may. */
function redirected(status: number, location: string | string[] | undefined, url: string): CodedError {
  const to = URL.parse(String(location ?? ''), url);
  const isOwn = to !== null && to.origin === new URL(url).origin;
  // Without its query, which may repeat a secret.
  const where = to === null ? 'no address' : shownAddress(to);
  const next = isOwn
    ? 'write that address as the server’s url'
    : 'that is another origin; write it as the server’s url only if the company trusts it with the credential';
  return new CodedError('upstream_invalid', {
    message: 'The MCP server answered with a redirect, which is not followed. Tell your administrator.',
    detail: `HTTP ${status} to ${where}: ${next}`,
  });
}

/** A long one without its path: cut in two, a secret in it would not be recognised when this is masked. */
function shownAddress({ origin, pathname }: URL): string {
  const address = `${origin}${pathname}`;
  return address.length <= MAX_LOCATION ? address : `${origin}/…`;
}
