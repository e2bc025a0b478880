import { createPrivateKey, X509Certificate, type KeyObject, type webcrypto } from 'node:crypto';
import { CodedError } from '#shared/errors.js';
import { isObject } from '#shared/mcp/json-rpc.js';

/** The key by which we prove at an IdP who we are (RFC 7523). */
export interface ClientKey {
  readonly key: webcrypto.CryptoKey;
  readonly kid: string | undefined;
  /** Base64url SHA-256 thumbprint of the certificate beside the key (RFC 7515 §4.1.8), by which Entra ID finds it. */
  readonly certificate: string | undefined;
}

const CURVES: Readonly<Record<string, string>> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/;

/** A private key as PEM or as JWK. `forEntra`: RSA keys sign PS256, which it asks for. Throws `config_invalid`. */
export async function readClientKey(text: string, forEntra: boolean): Promise<ClientKey> {
  try {
    const jwk: unknown = text.trimStart().startsWith('{') ? JSON.parse(text) : undefined;
    const object = isObject(jwk) ? createPrivateKey({ key: jwk, format: 'jwk' }) : createPrivateKey(text);
    const kid = isObject(jwk) && typeof jwk['kid'] === 'string' ? jwk['kid'] : undefined;
    return { key: await imported(object, forEntra), kid, certificate: thumbprintIn(text) };
  } catch (cause) {
    throw new CodedError('config_invalid', {
      message: 'identity.providers.*.privateKey holds no private key: write one as PEM (PKCS #8) or JWK, RSA or EC.',
      cause,
    });
  }
}

async function imported(object: KeyObject, forEntra: boolean): Promise<webcrypto.CryptoKey> {
  const der = object.export({ type: 'pkcs8', format: 'der' });
  return crypto.subtle.importKey('pkcs8', new Uint8Array(der), algorithmOf(object, forEntra), false, ['sign']);
}

function algorithmOf(
  object: KeyObject,
  forEntra: boolean,
): webcrypto.RsaHashedImportParams | webcrypto.EcKeyImportParams {
  if (object.asymmetricKeyType === 'rsa') {
    return { name: forEntra ? 'RSA-PSS' : 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  }
  const namedCurve = CURVES[object.asymmetricKeyDetails?.namedCurve ?? ''];
  if (object.asymmetricKeyType === 'ec' && namedCurve !== undefined) return { name: 'ECDSA', namedCurve };
  throw new Error('neither an RSA nor an EC key');
}

function thumbprintIn(text: string): string | undefined {
  const pem = CERTIFICATE.exec(text)?.[0];
  if (pem === undefined) return undefined;
  return Buffer.from(new X509Certificate(pem).fingerprint256.replaceAll(':', ''), 'hex').toString('base64url');
}
