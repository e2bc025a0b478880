import { PATHS } from '#shared/api/paths.js';
import { CodedError } from '#shared/errors.js';
import { chooseCredential } from '../../credentials/choose-credential.js';
import { namedScopes } from '../../credentials/connections/named-scopes.js';
import type { CredentialScope } from '../../credentials/credential-scope.js';
import { isPersonal } from '../../credentials/personal-credential.js';
import type { UpstreamRefusal } from '../../upstreams/refusal.js';
import type { Parts } from '../parts.js';
import { scopesText } from './connection-words.js';

type Known = Pick<Parts, 'servers' | 'publicUrl'>;

/** The person's connection does not reach far enough for this call, of which nothing was done: a new consent may (RFC 6750 §3.1). */
export class ConsentNeeded extends CodedError {
  constructor(
    readonly server: string,
    /** That the server asks for, in its own words. */
    readonly scopes: readonly string[],
    message: string,
    cause: UpstreamRefusal,
  ) {
    super('connection_needed', { message, detail: cause.detail ?? cause.message, cause });
  }
}

/**
 * What a server's refusal means for whoever asked, who was permitted by company policy. `since`: when the server began to
 * refuse it (epoch milliseconds), where it is the company's.
 */
export function refusedCredential(
  parts: Known,
  { server, session }: CredentialScope,
  refusal: UpstreamRefusal,
  since: number | undefined,
): CodedError {
  const settings = Object.hasOwn(parts.servers, server) ? parts.servers[server] : undefined;
  const credential = settings && chooseCredential(settings, session.groups);
  const name = settings?.title ?? server;
  const again = `Connect it again: ${parts.publicUrl}${PATHS.connectPage}?server=${server}`;
  const coded = (code: 'upstream_refused' | 'connection_refused', message: string): CodedError =>
    new CodedError(code, { message, detail: refusal.detail ?? refusal.message, cause: refusal });
  const isOwn = credential?.kind === 'oauth';
  const { status, challenge } = refusal;
  if (status === 403 && challenge.error === 'insufficient_scope') {
    if (isOwn) {
      const named = namedScopes(settings ?? { tools: {} }, credential);
      const beyond = named === undefined ? [] : challenge.scopes.filter((scope) => !named.includes(scope));
      if (beyond.length > 0) return notNamed(name, server, beyond, refusal);
      const asked = challenge.scopes.length === 0 ? '' : ` (${scopesText(challenge.scopes)})`;
      const wants = `${name} wants you to allow more than your connection to it does${asked}. ${again}`;
      return new ConsentNeeded(server, challenge.scopes, wants, refusal);
    }
    const short = credential && isPersonal(credential) ? 'What your sign-in gives you' : 'The company’s credential';
    return coded('upstream_refused', `${short} at ${name} does not reach far enough for this. ${TELL}`);
  }
  if (status === 403)
    return coded('upstream_refused', deniedText(name, credential !== undefined && isPersonal(credential)));
  if (credential === undefined)
    return coded('upstream_refused', `${name} wants a credential, and none is set up. ${TELL}`);
  if (isOwn) return coded('connection_refused', `${name} does not take your connection any more. ${again}`);
  if (isPersonal(credential)) {
    const signIn = 'Sign in again (`mcp-sso login`); if that does not help, tell your administrator.';
    return coded('upstream_refused', `${name} does not take what your sign-in gives you there. ${signIn}`);
  }
  return coded(
    'upstream_refused',
    `The company’s credential for ${name} was refused by the server${sinceText(since)}. ${TELL}`,
  );
}

/** The admin has said what people may be asked for: a server cannot get more out of them by refusing calls. */
function notNamed(name: string, server: string, beyond: readonly string[], refusal: UpstreamRefusal): CodedError {
  const scopes = scopesText(beyond);
  const message = `${name} wants ${scopes} for this, which is more than your company asks people to allow there. ${TELL}`;
  const detail = `${server} wants ${scopes}; if that is right, add it to servers.${server}.credential.scopes`;
  return new CodedError('upstream_refused', { message, detail, cause: refusal });
}

const TELL = 'Tell your administrator.';

function deniedText(name: string, isTheirs: boolean): string {
  const account = isTheirs ? 'your account there' : 'the account that the company uses there';
  return `Company policy permits this, but ${name} itself denies it to ${account}. Ask whoever runs ${name}.`;
}

function sinceText(at: number | undefined): string {
  return at === undefined ? '' : ` since ${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
