import { errors, type Provider, type TokenEndpointGrantContext } from 'oidc-provider';
import { BREAK_GLASS_GRANT, PATHS } from '#shared/api/paths.js';
import { CodedError } from '#shared/errors.js';
import { resourceServer } from '../authorization-server/configuration.js';
import { deviceNameIn } from '../authorization-server/pending-authorization.js';
import { scopesOf } from '../resources.js';
import type { DpopVerifier } from '../tokens/dpop-proof.js';
import type { BreakGlass } from './break-glass.service.js';
import { newSessionId } from '../sessions/session-id.js';

export interface GrantParts {
  readonly publicUrl: string;
  readonly breakGlass: BreakGlass;
  readonly proofs: DpopVerifier;
  readonly addressOf: (context: TokenEndpointGrantContext) => string;
}

interface Parameters {
  readonly code?: unknown;
  readonly resource?: unknown;
  readonly device_name?: unknown;
}

/**
 * An extension grant (RFC 6749 §4.5): a break-glass code for one access token, bound to the key of the DPoP proof
 * (RFC 9449 §5). It lives as long as its session, and there is no refresh token.
 */
export function registerBreakGlass(provider: Provider, parts: GrantParts): void {
  const handler = (context: TokenEndpointGrantContext<Parameters>) => redeem(provider, parts, context);
  provider.registerGrantType(BREAK_GLASS_GRANT, handler, ['code', 'resource', 'device_name']);
}

async function redeem(
  provider: Provider,
  { publicUrl, breakGlass, proofs, addressOf }: GrantParts,
  context: TokenEndpointGrantContext<Parameters>,
): Promise<void> {
  const { client, params } = context.oidc;
  const { code, resource } = params;
  if (typeof code !== 'string' || typeof resource !== 'string') {
    throw new errors.InvalidRequest('code and resource are needed, once each');
  }
  const server = resourceServer(publicUrl, client.clientId, resource);
  const thumbprint = await provenKey(proofs, context, publicUrl);
  const address = addressOf(context);
  const taken = await breakGlass.take(code, address).catch(asOauthError);
  if (!taken) throw new errors.InvalidGrant('the code is not good');
  const person = await breakGlass.person(publicUrl);
  const scope = (scopesOf(publicUrl, resource) ?? []).join(' ');
  const grant = new provider.Grant({ accountId: person.id, clientId: client.clientId });
  grant.jti = newSessionId();
  grant.addResourceScope(resource, scope);
  const grantId = await grant.save();
  const where = { clientId: client.clientId, deviceName: deviceNameIn(params.device_name), address };
  await breakGlass.signIn(grantId, person, taken, where).catch(asOauthError);
  const expiresIn = taken.detail.minutes * 60;
  const token = new provider.AccessToken({
    accountId: person.id,
    client,
    grantId,
    gty: 'break_glass',
    scope,
    expiresIn,
  });
  token.resourceServer = new provider.ResourceServer(resource, { ...server, accessTokenTTL: expiresIn });
  token.setThumbprint('jkt', thumbprint);
  context.body = { access_token: await token.save(), token_type: 'DPoP', expires_in: expiresIn, scope };
}

async function provenKey(
  proofs: DpopVerifier,
  { req, method }: TokenEndpointGrantContext,
  publicUrl: string,
): Promise<string> {
  const shown = req.headersDistinct['dpop'] ?? [];
  try {
    return await proofs.verifyUnbound(shown, { method, url: publicUrl + PATHS.token });
  } catch (error) {
    if (error instanceof CodedError && error.code === 'dpop_invalid') throw new errors.InvalidDpopProof(error.message);
    throw error;
  }
}

function asOauthError(error: unknown): never {
  if (!(error instanceof CodedError)) throw error;
  if (error.code === 'session_ended') throw new errors.InvalidGrant('break-glass has been ended on the host');
  if (error.code !== 'rate_limited') throw error;
  throw Object.assign(new errors.TemporarilyUnavailable(error.message), { status: 429, statusCode: 429 });
}
