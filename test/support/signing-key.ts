import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeJwt, decodeProtectedHeader, importJWK, SignJWT, type JWTHeaderParameters } from 'jose';
import { decodeMasterKey } from '../../control-plane/config/master-key.js';
import { publishedAt } from '../../control-plane/identity/signing-keys/key-set.js';
import { readKeys } from '../../control-plane/identity/signing-keys/stored-keys.js';
import { openDatabase } from '../../control-plane/storage/open-database.js';
import { localKey } from '../../control-plane/storage/root-keys/local-key.js';
import { openRootKey } from '../../control-plane/storage/root-keys/open-root-key.js';
import { StorageService } from '../../control-plane/storage/storage.service.js';
import type { Stack } from '../../demo/stack/stack.js';

/** Signs like the control plane itself: what someone could make who stole its database and its master key. */
export type Forger = (token: string, claims: object, header?: Partial<JWTHeaderParameters>) => Promise<string>;

/** Reads the real signing key; the result re-signs a real token with changed claims. `database` is the control plane's. */
export async function realSigner(stack: Stack, database = 'sqlite:./data/mcp-sso.db'): Promise<Forger> {
  const masterKey = decodeMasterKey(readFileSync(join(stack.config, 'master.key'), 'utf8').trim());
  if (!masterKey) throw new Error('The master key cannot be read.');
  const db = await openDatabase(database, stack.config);
  const { key: rootKey } = await openRootKey(db, { current: localKey(masterKey, 'masterKey') });
  const storage = new StorageService(db, rootKey);
  try {
    const [jwk] = publishedAt(await readKeys(storage.db, storage, 'tokens'), Date.now());
    const key = await importJWK(jwk as Parameters<typeof importJWK>[0], 'ES256');
    return (token, claims, header = {}) =>
      new SignJWT({ ...decodeJwt(token), ...claims })
        .setProtectedHeader({ ...decodeProtectedHeader(token), alg: 'ES256', ...header })
        .sign(key);
  } finally {
    await storage.onApplicationShutdown();
  }
}
