import { request } from 'undici';
import { z } from 'zod';
import { optionalPackage } from '../../secret-stores/optional-package.js';
import { askInTime } from './ask-in-time.js';
import type { KeyEncryptionKey } from './key-encryption-key.js';

const SCOPE = 'https://www.googleapis.com/auth/cloudkms';
const CONTEXT = Buffer.from('mcp-sso/root-key').toString('base64');
const wrappedSchema = z.object({ ciphertext: z.base64() });
const openedSchema = z.object({ plaintext: z.base64() });

interface GcpKey {
  /** `projects/…/locations/…/keyRings/…/cryptoKeys/…` */
  readonly name: string;
  readonly setting: string;
  readonly endpoint?: string;
}

/** The service was there, and refused the bytes. */
class Refused extends Error {}

/**
 * A symmetric key of Google Cloud KMS over its REST interface, with Application Default Credentials
 * (https://cloud.google.com/kms/docs/reference/rest/v1/projects.locations.keyRings.cryptoKeys/encrypt and …/decrypt).
 */
export async function gcpKms({ name, setting, endpoint }: GcpKey): Promise<KeyEncryptionKey> {
  const sdk = await optionalPackage('google-auth-library', () => import('google-auth-library'));
  // Without a project it asks the metadata server for one, which elsewhere answers never.
  const projectId = name.split('/')[1] ?? '';
  const auth = new sdk.GoogleAuth({ scopes: [SCOPE], projectId });
  const base = endpoint ?? 'https://cloudkms.googleapis.com';
  const ask = async (verb: 'encrypt' | 'decrypt', body: object, signal: AbortSignal): Promise<unknown> => {
    const token = await auth.getAccessToken();
    const answer = await request(`${base}/v1/${name}:${verb}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ...body, additionalAuthenticatedData: CONTEXT }),
      signal,
    });
    if (answer.statusCode === 200) return await answer.body.json();
    await answer.body.dump();
    if (answer.statusCode === 400 && verb === 'decrypt') throw new Refused('the key does not open these bytes');
    throw Object.assign(new Error('refused'), { code: `status ${answer.statusCode}` });
  };
  return {
    id: `gcp-kms:${name}`,
    setting,
    wrap: (plain) =>
      askInTime('Google Cloud KMS', async (signal) => {
        const answer = await ask('encrypt', { plaintext: plain.toString('base64') }, signal);
        return Buffer.from(wrappedSchema.parse(answer).ciphertext, 'base64');
      }),
    unwrap: (wrapped) =>
      askInTime(
        'Google Cloud KMS',
        async (signal) => {
          const answer = await ask('decrypt', { ciphertext: wrapped.toString('base64') }, signal);
          return Buffer.from(openedSchema.parse(answer).plaintext, 'base64');
        },
        (error) => error instanceof Refused,
      ),
  };
}
