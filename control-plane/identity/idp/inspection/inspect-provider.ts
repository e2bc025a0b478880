import { isObject } from '#shared/mcp/json-rpc.js';
import { boundedJson } from '../../assertions/bounded-json.js';
import { placeOf } from './console-places.js';
import { credentialObjections, type Probe } from './credential-probe.js';
import { issuerObjection } from './issuer-objection.js';
import { metadataObjections, safeAddress } from './metadata-objections.js';
import type { Metadata, Objection } from './objection.js';
import { timeObjections } from './provider-time.js';
import { signingKeyObjections } from './signing-keys.js';
import { silenceOf } from './silence.js';

const TIMEOUT_MS = 5_000;

export interface InspectedClient extends Probe {
  readonly id: string;
}

/**
 * Asks a provider whether it is what the settings say: metadata (OpenID Connect Discovery §4), keys, clock and our
 * credentials. A request takes at most `timeoutMs`; there are two in a row. Never rejects, and never shows a secret.
 */
export async function inspectProvider(client: InspectedClient, timeoutMs = TIMEOUT_MS): Promise<Objection[]> {
  const { issuer, preset } = client.settings;
  let metadata: Metadata;
  try {
    metadata = await readMetadata(issuer, timeoutMs);
  } catch (error) {
    const { reason, fix = `correct the issuer, or let this machine reach it; ${placeOf(preset, 'issuer')}` } =
      silenceOf(error);
    return [unreachable(reason, fix)];
  }
  const other = issuerObjection(metadata, client);
  const asked = other.length > 0 ? [] : await askFurther(metadata, client, timeoutMs);
  return [...other, ...metadataObjections(metadata, client), ...asked];
}

function unreachable(reason: string, fix: string): Objection {
  return {
    severity: 'fault',
    key: 'issuer',
    message: `the metadata of the provider cannot be read: ${reason}`,
    fix: `${fix}; check --offline does not ask it`,
  };
}

async function readMetadata(issuer: string, timeoutMs: number): Promise<Metadata> {
  const url = new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  const metadata = await boundedJson(url, timeoutMs);
  if (isObject(metadata)) return metadata;
  throw new SyntaxError('not an object');
}

/** Only of the provider that is configured: the credentials of one are not shown to another. */
async function askFurther(metadata: Metadata, client: InspectedClient, timeoutMs: number): Promise<Objection[]> {
  const [keys, token] = [safeAddress(metadata['jwks_uri']), safeAddress(metadata['token_endpoint'])];
  const objections = await Promise.all([
    keys ? signingKeyObjections(keys, client, timeoutMs) : [],
    token ? credentialObjections(token, metadata, client, timeoutMs) : [],
    timeObjections(client.id, client.settings.issuer),
  ]);
  return objections.flat();
}
