import { scenariosOf, type Requirements } from '../requirements.js';

/** Scenarios for clients that are not run against a client, and why that is right. */
interface LeftOut {
  readonly scenarios: readonly string[];
  readonly because: string;
}

const EXTENSIONS: LeftOut = {
  scenarios: [
    'auth/client-credentials-basic',
    'auth/client-credentials-jwt',
    'auth/dpop',
    'auth/dpop-nonce',
    'auth/enterprise-managed-authorization',
    'auth/wif-jwt-bearer',
  ],
  because:
    'An extension that the suite never counts, of clients that sign in at a server. Nothing of ours does; ' +
    'a baseline alone would say nothing of us.',
};

/**
 * The bridge signs in too, but at one address only: a control plane, which is the MCP endpoint and its authorization
 * server at one origin, and knows the bridge's client id. In all of these the two are at different origins, so the
 * bridge refuses what it finds ("is no control plane").
 */
const SIGN_INS: LeftOut = {
  scenarios: [
    'auth/authorization-server-migration',
    'auth/basic-cimd',
    'auth/iss-not-advertised',
    'auth/iss-normalized',
    'auth/iss-supported',
    'auth/iss-supported-missing',
    'auth/iss-unexpected',
    'auth/iss-wrong-issuer',
    'auth/metadata-default',
    'auth/metadata-issuer-mismatch',
    'auth/metadata-var1',
    'auth/metadata-var2',
    'auth/metadata-var3',
    'auth/offline-access-not-supported',
    'auth/offline-access-scope',
    'auth/pre-registration',
    'auth/resource-mismatch',
    'auth/scope-from-scopes-supported',
    'auth/scope-from-www-authenticate',
    'auth/scope-omitted-when-undefined',
    'auth/scope-retry-limit',
    'auth/scope-step-up',
    'auth/token-endpoint-auth-basic',
    'auth/token-endpoint-auth-none',
    'auth/token-endpoint-auth-post',
  ],
  because:
    'The server asks its client to sign in. The control plane signs in at no server: it sends the credential that the ' +
    'company configured for it (`servers.*.credential`). Where that is a person’s own connection, the broker makes it ' +
    'beforehand: `broker.long.test.ts` runs all of these against it.',
};

/** Those in which a client signs in at a server: for the broker, which does it for people. */
export function signInScenarios(requirements: Requirements): string[] {
  return scenariosOf(requirements, 'client').filter((scenario) => SIGN_INS.scenarios.includes(scenario));
}

/** By whom they are left out. */
export const LEFT_OUT = { sdk: [EXTENSIONS], controlPlane: [EXTENSIONS, SIGN_INS] } as const;

/** Everything else of a set, so that nothing is left out in silence. */
export function clientScenarios(requirements: Requirements, client: keyof typeof LEFT_OUT): string[] {
  const leftOut = new Set(LEFT_OUT[client].flatMap(({ scenarios }) => scenarios));
  return scenariosOf(requirements, 'client').filter((scenario) => !leftOut.has(scenario));
}
