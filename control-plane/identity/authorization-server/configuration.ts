import {
  errors,
  type ClientAuthMethod,
  type Configuration,
  type FindAccount,
  type KoaContextWithOIDC,
} from 'oidc-provider';
import { PATHS } from '#shared/api/paths.js';
import type { StorageService } from '../../storage/storage.service.js';
import { requireThumbprint } from '../device-login/bound-key.js';
import { deviceFlow } from '../device-login/device-flow.js';
import type { DeviceLogin } from '../device-login/device-login.js';
import { requireSmallRequest } from '../device-login/request-size.js';
import { CLIENT_MODEL } from '../clients/registered-clients.js';
import type { ThirdPartyClients } from '../clients/third-party-clients.js';
import type { SigningJwk } from '../signing-keys/stored-keys.js';
import { LIFETIMES } from '../token-lifetimes.js';
import { ID_JAG_PROFILE } from '../grants/grant-types.js';
import type { MachineClients } from '../machines/machine-clients.js';
import { clientMayUse, defaultResource, scopesOf } from '../resources.js';
import { errorPage } from '../sign-in/pages/error-page.js';
import { pageHeaders } from '#shared/pages/page-headers.js';
import type { StepUpHandles } from '../step-up-handles.js';
import { secondsLeft } from './accounts.js';
import { builtInClients } from './clients.js';
import type { CookieNames } from './cookie-names.js';
import { setDefaultScope } from './default-scope.js';
import { alwaysSignIn } from './interaction-policy.js';
import { PayloadAdapter } from './payload-adapter.js';
import { isRotated } from './refresh-rotation.js';

export interface ServerParts {
  readonly publicUrl: string;
  readonly cookies: CookieNames;
  readonly keys: readonly SigningJwk[];
  readonly storage: StorageService;
  readonly findAccount: FindAccount;
  readonly deviceLogin: DeviceLogin;
  readonly stepUps: Pick<StepUpHandles, 'isGood'>;
  readonly machineClients: MachineClients;
  /** Whether assertions of an IdP are taken (ID-JAG). */
  readonly identityAssertions: boolean;
  readonly thirdParties: ThirdPartyClients;
  /** What an access token says of the sign-in behind it (RFC 9068 §2.2.1), by grant id. */
  readonly signInClaims: (grantId: string) => Promise<Record<string, unknown>>;
  /** Seconds that no session of a person outlives. */
  readonly longestSession: number;
}

/** oidc-provider as our OAuth 2.1 authorization server: code with PKCE, nothing that is not used. */
export function providerConfiguration(parts: ServerParts): Configuration {
  const { publicUrl, cookies, keys, storage, deviceLogin, stepUps, thirdParties } = parts;
  return {
    adapter: (model) => (model === CLIENT_MODEL ? thirdParties.registered : new PayloadAdapter(model, storage)),
    clients: [...builtInClients(deviceLogin.enabled), ...parts.machineClients],
    findAccount: parts.findAccount,
    jwks: { keys: [...keys] },
    routes: {
      authorization: PATHS.authorize,
      token: PATHS.token,
      revocation: PATHS.revoke,
      jwks: PATHS.jwks,
      registration: PATHS.register,
      device_authorization: PATHS.deviceAuthorization,
      code_verification: PATHS.device,
    },
    responseTypes: ['code'],
    clientAuthMethods: ['none', ...machineAuthMethods(parts.machineClients)],
    assertJwtClientAuthClaimsAndHeader: (_context, { exp }) => requireShortLived(exp),
    enabledJWA: {
      idTokenSigningAlgValues: ['ES256'],
      dPoPSigningAlgValues: ['ES256'],
      clientAuthSigningAlgValues: ['ES256', 'ES384', 'EdDSA', 'Ed25519', 'PS256', 'RS256'],
    },
    scopes: ['openid'],
    claims: { openid: ['sub', 'email', 'name'], acr: null, amr: null, auth_time: null, iss: null },
    discovery: parts.identityAssertions ? { authorization_grant_profiles_supported: [ID_JAG_PROFILE] } : {},
    extraParams: {
      device_name: checkRequest,
      step_up: (_context, handle) => requireHandle(stepUps, handle),
      ...(deviceLogin.enabled ? { dpop_jkt: requireThumbprint } : {}),
    },
    fetch: thirdParties.fetch,
    extraClientMetadata: thirdParties.extraMetadata,
    pkce: { required: () => true },
    allowOmittingSingleRegisteredRedirectUri: false,
    clientBasedCORS: () => false,
    expiresWithSession: () => false,
    issueRefreshToken: (_context, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: isRotated,
    extraTokenClaims: (_context, token) =>
      token.kind === 'AccessToken' ? parts.signInClaims(token.grantId ?? '') : undefined,
    ttl: {
      AuthorizationCode: LIFETIMES.code,
      AccessToken: LIFETIMES.accessToken,
      IdToken: LIFETIMES.idToken,
      Interaction: LIFETIMES.interaction,
      DeviceCode: LIFETIMES.deviceCode,
      Session: LIFETIMES.interaction,
      // Made before its session, which must not end by it.
      Grant: parts.longestSession + LIFETIMES.interaction,
      RefreshToken: ({ oidc }) => secondsLeft(oidc.account, parts.longestSession),
    },
    cookies: {
      keys: [storage.key('authorization-server-cookies').toString('base64url')],
      names: { session: cookies.session, interaction: cookies.interaction, resume: cookies.resume },
      long: { httpOnly: true, sameSite: 'lax', secure: cookies.secure, path: '/' },
      short: { httpOnly: true, sameSite: 'lax', secure: cookies.secure },
    },
    interactions: { policy: alwaysSignIn(), url: (_context, { uid }) => `/auth/interaction/${uid}` },
    features: {
      ...thirdParties.features(),
      devInteractions: { enabled: false },
      dPoP: { enabled: true },
      deviceFlow: deviceFlow(deviceLogin),
      pushedAuthorizationRequests: { enabled: false },
      revocation: { enabled: true, allowedPolicy: (_context, client, token) => token.clientId === client.clientId },
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: (_context, client, oneOf) => oneOf ?? defaultResource(publicUrl, client.clientId),
        useGrantedResource: () => true,
        getResourceServerInfo: (_context, resource, client) => resourceServer(publicUrl, client.clientId, resource),
      },
    },
    renderError: (context, out) => {
      context.set(pageHeaders());
      context.body = errorPage({ code: out.error, message: out.error_description ?? 'The request is not valid.' });
    },
  };
}

/** Only what we gave out, and only for a while: a session is renewed on the word of its own client. */
function requireHandle(stepUps: Pick<StepUpHandles, 'isGood'>, handle: unknown): void {
  if (handle === undefined || stepUps.isGood(handle)) return;
  throw new errors.InvalidRequest('step_up is not valid or has expired');
}

/** Runs for every request, whether it names a device or not. */
function checkRequest(context: KoaContextWithOIDC): void {
  requireSmallRequest(context);
  setDefaultScope(context);
}

/** Who may ask for which resource; anything else is `invalid_target` (RFC 8707 §2). */
export function resourceServer(publicUrl: string, clientId: string, resource: string) {
  const scopes = scopesOf(publicUrl, resource);
  if (scopes === undefined || !clientMayUse(publicUrl, clientId, resource)) {
    throw new errors.InvalidTarget('this client may not use this resource');
  }
  return {
    scope: scopes.join(' '),
    audience: resource,
    accessTokenFormat: 'jwt' as const,
    accessTokenTTL: LIFETIMES.accessToken,
    jwt: { sign: { alg: 'ES256' as const } },
  };
}

/** How clients of the settings prove who they are; what none of them uses is not offered. */
function machineAuthMethods(clients: MachineClients): ClientAuthMethod[] {
  const used = new Set(clients.map(({ token_endpoint_auth_method: method }) => method));
  return [
    ...(used.has('private_key_jwt') ? (['private_key_jwt'] as const) : []),
    ...(used.has('client_secret_post') ? (['client_secret_post', 'client_secret_basic'] as const) : []),
  ];
}

/** A client's assertion is remembered until it expires (RFC 7523 §3); one that never does would be remembered for ever. */
function requireShortLived(exp: unknown): void {
  if (typeof exp === 'number' && exp - Date.now() / 1000 <= LIFETIMES.clientAssertion) return;
  throw new errors.InvalidClientAuth('the client assertion must expire within 5 minutes');
}
