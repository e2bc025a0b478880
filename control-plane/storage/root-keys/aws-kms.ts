import { SecretUnreadable } from '../../config/secret-reference.js';
import { optionalPackage } from '../../secret-stores/optional-package.js';
import { askInTime } from './ask-in-time.js';
import type { KeyEncryptionKey } from './key-encryption-key.js';

/** Bound to what is wrapped, and readable in CloudTrail; a policy of the key may ask for it. */
const CONTEXT = { application: 'mcp-sso', purpose: 'root-key' };

interface AwsKey {
  readonly arn: string;
  readonly region: string;
  readonly setting: string;
  /** Instead of the region's own; the SDK reads it from AWS_ENDPOINT_URL_KMS too. */
  readonly endpoint?: string;
}

/**
 * A symmetric key of AWS KMS, by the SDK and its usual chain of credentials
 * (https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html, API_Decrypt.html).
 */
export async function awsKms({ arn, region, setting, endpoint }: AwsKey): Promise<KeyEncryptionKey> {
  const sdk = await optionalPackage('@aws-sdk/client-kms', () => import('@aws-sdk/client-kms'));
  const client = new sdk.KMSClient({ region, maxAttempts: 2, ...(endpoint === undefined ? {} : { endpoint }) });
  const bound = { KeyId: arn, EncryptionContext: CONTEXT };
  const altered = (error: unknown): boolean =>
    error instanceof sdk.InvalidCiphertextException || error instanceof sdk.IncorrectKeyException;
  return {
    id: `aws-kms:${arn}`,
    setting,
    wrap: (plain) =>
      askInTime('AWS KMS', async (abortSignal) => {
        const { CiphertextBlob } = await client.send(new sdk.EncryptCommand({ ...bound, Plaintext: plain }), {
          abortSignal,
        });
        return bytesOf(CiphertextBlob);
      }),
    unwrap: (wrapped) =>
      askInTime(
        'AWS KMS',
        async (abortSignal) => {
          const asked = new sdk.DecryptCommand({ ...bound, CiphertextBlob: wrapped });
          const { Plaintext } = await client.send(asked, { abortSignal });
          return bytesOf(Plaintext);
        },
        altered,
      ),
  };
}

function bytesOf(answer: Uint8Array | undefined): Buffer {
  if (answer !== undefined) return Buffer.from(answer);
  throw new SecretUnreadable('the answer of AWS KMS is empty', 'look into the log of the key service');
}
