import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json, text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { TlsServer } from '../../../test/support/tls-server.js';
import { ScriptedVault } from '../../secret-stores/testing/scripted-vault.js';
import { VaultClient } from '../../secret-stores/vault-client.js';
import { awsKms } from './aws-kms.js';
import { azureKeyVault } from './azure-key-vault.js';
import { gcpKms } from './gcp-kms.js';
import { vaultTransit } from './vault-transit.js';

// The real SDKs against answers written from the services' documentation (named in each file); not run live.

const PLAIN = Buffer.alloc(40, 5);
const ARN = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const setting = 'masterKey: …';

interface Asked {
  readonly path: string;
  readonly target: string | undefined;
  readonly authorization: string | undefined;
  readonly body: Record<string, unknown>;
}

let server: Server;
let directory: string;
let asked: Asked[];
let answer: (one: Asked) => readonly [number, object];

beforeEach(async () => {
  asked = [];
  directory = mkdtempSync(join(tmpdir(), 'mcp-sso-key-services-'));
  server = createServer((request, response) => void serve(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { 'x-amz-target': target, authorization, 'content-type': type = '' } = request.headers;
  const body = type.includes('json') ? ((await json(request)) as Asked['body']) : { text: await text(request) };
  const one = { path: request.url ?? '', target: target?.toString(), authorization, body };
  asked.push(one);
  const [status, sent] = answer(one);
  response.writeHead(status, { 'content-type': type.includes('json') ? type : 'application/json' });
  response.end(JSON.stringify(sent));
}

const endpoint = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const turned = (base64: unknown): string =>
  Buffer.from(Buffer.from(String(base64), 'base64').toReversed()).toString('base64');

function awsCredentials(): void {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'aws-secret-example');
}

test('AWS KMS wraps and unwraps, bound to what it is for', async () => {
  awsCredentials();
  answer = ({ target, body }) =>
    target === 'TrentService.Encrypt'
      ? [200, { CiphertextBlob: turned(body['Plaintext']), KeyId: ARN }]
      : [200, { Plaintext: turned(body['CiphertextBlob']), KeyId: ARN }];
  const key = await awsKms({ arn: ARN, region: 'eu-central-1', setting, endpoint: endpoint() });
  const wrapped = await key.wrap(PLAIN);
  expect((await key.unwrap(wrapped)).equals(PLAIN)).toBe(true);
  const context = { application: 'mcp-sso', purpose: 'root-key' };
  expect(asked.map(({ target, body }) => ({ target, key: body['KeyId'], context: body['EncryptionContext'] }))).toEqual(
    [
      { target: 'TrentService.Encrypt', key: ARN, context },
      { target: 'TrentService.Decrypt', key: ARN, context },
    ],
  );
  expect(asked[0]!.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/kms\//);
});

test('AWS KMS: a right that is missing names no text of the answer; foreign bytes are no such error', async () => {
  awsCredentials();
  const key = await awsKms({ arn: ARN, region: 'eu-central-1', setting, endpoint: endpoint() });
  answer = () => [400, { __type: 'AccessDeniedException', message: 'User arn:aws:iam::1:user/x said too much' }];
  await expect(key.unwrap(PLAIN)).rejects.toMatchObject({
    name: 'SecretUnreadable',
    message: 'AWS KMS cannot be asked (AccessDeniedException)',
  });
  answer = () => [400, { __type: 'InvalidCiphertextException' }];
  await expect(key.unwrap(PLAIN)).rejects.toMatchObject({ name: 'InvalidCiphertextException' });
});

test('Google Cloud KMS wraps and unwraps by workload identity', async () => {
  writeFileSync(join(directory, 'subject'), 'subject-token');
  writeFileSync(
    join(directory, 'adc.json'),
    JSON.stringify({
      type: 'external_account',
      audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: `${endpoint()}/token`,
      credential_source: { file: join(directory, 'subject') },
    }),
  );
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', join(directory, 'adc.json'));
  const name = 'projects/p/locations/global/keyRings/r/cryptoKeys/k';
  answer = ({ path, body }) => {
    if (path === '/token') return [200, { access_token: 'gcp-token', expires_in: 3600, token_type: 'Bearer' }];
    return path.endsWith(':encrypt')
      ? [200, { name, ciphertext: turned(body['plaintext']) }]
      : [200, { plaintext: turned(body['ciphertext']) }];
  };
  const key = await gcpKms({ name, setting, endpoint: endpoint() });
  expect((await key.unwrap(await key.wrap(PLAIN))).equals(PLAIN)).toBe(true);
  const calls = asked.filter(({ path }) => path !== '/token');
  expect(calls.map(({ path, authorization }) => ({ path, authorization }))).toEqual([
    { path: `/v1/${name}:encrypt`, authorization: 'Bearer gcp-token' },
    { path: `/v1/${name}:decrypt`, authorization: 'Bearer gcp-token' },
  ]);
  answer = () => [403, { error: { message: 'said too much' } }];
  await expect(key.wrap(PLAIN)).rejects.toThrow('Google Cloud KMS cannot be asked (status 403)');
  answer = () => [400, {}];
  await expect(key.unwrap(PLAIN)).rejects.toThrow('the key does not open these bytes');
});

test('Azure Key Vault wraps by the newest version and unwraps by the one that wrapped, of this key only', async () => {
  await using vault = await TlsServer.start();
  const id = `${vault.origin}/keys/root`;
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const seen: string[] = [];
  const serveKey = async (one: IncomingMessage, back: ServerResponse): Promise<void> => {
    const [path = ''] = (one.url ?? '').split('?');
    const body = one.method === 'POST' ? ((await json(one)) as { value?: string }) : {};
    if (one.headers.authorization !== 'Bearer azure-token') {
      const challenge =
        'Bearer authorization="https://login.microsoftonline.com/t", resource="https://vault.azure.net"';
      back.writeHead(401, { 'www-authenticate': challenge }).end();
      return;
    }
    seen.push(`${one.method} ${path}`);
    const kid = `${id}/v2`;
    const value = Buffer.from(Buffer.from(body.value ?? '', 'base64url').toReversed()).toString('base64url');
    const bundle = {
      key: { kid, ...publicKey.export({ format: 'jwk' }), key_ops: ['wrapKey', 'unwrapKey'] },
      attributes: {},
    };
    back.writeHead(200, { 'content-type': 'application/json' });
    back.end(JSON.stringify(one.method === 'GET' ? bundle : { kid, value }));
  };
  vault.answer = (one, back) => void serveKey(one, back);
  const key = await azureKeyVault({
    id,
    setting,
    credential: { getToken: async () => ({ token: 'azure-token', expiresOnTimestamp: Date.now() + 3_600_000 }) },
    options: {
      tlsOptions: { ca: vault.ca },
      disableChallengeResourceVerification: true,
      retryOptions: { maxRetries: 0 },
    },
  });
  const wrapped = await key.wrap(PLAIN);
  expect(JSON.parse(wrapped.toString())).toMatchObject({ kid: `${id}/v2` });
  expect((await key.unwrap(wrapped)).equals(PLAIN)).toBe(true);
  expect(seen.at(-1)).toBe('POST /keys/root/v2/unwrapkey');
  const before = vault.requests;
  const elsewhere = Buffer.from(JSON.stringify({ kid: 'https://evil.vault.azure.net/keys/root/v1', value: 'AAAA' }));
  await expect(key.unwrap(elsewhere)).rejects.toThrow('wrapped by another key');
  expect(vault.requests).toBe(before);
});

test('Vault transit wraps and unwraps', async () => {
  await using vault = await ScriptedVault.start();
  vault.tokens.add('vault-token');
  const settings = { address: vault.address, auth: { method: 'token', token: 'env:T' } } as const;
  const client = new VaultClient({ settings, read: async () => 'vault-token' });
  const id = `vault-transit:${vault.address}/v1/transit/keys/root`;
  const key = vaultTransit({ client, mount: 'transit', name: 'root', id, setting });
  const wrapped = await key.wrap(PLAIN);
  expect(wrapped.toString()).toMatch(/^vault:v1:/);
  expect((await key.unwrap(wrapped)).equals(PLAIN)).toBe(true);
  const other = vaultTransit({ client, mount: 'transit', name: 'other', id, setting });
  await expect(other.unwrap(wrapped)).rejects.toThrow('the key does not open these bytes');
  vault.sealed = true;
  await expect(key.unwrap(wrapped)).rejects.toThrow('the Vault is sealed or in maintenance');
});
