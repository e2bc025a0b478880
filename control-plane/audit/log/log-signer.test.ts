import { createPrivateKey } from 'node:crypto';
import { expect, test } from 'vitest';
import { CompactRange, leafHash } from '#shared/audit-log/merkle-tree.js';
import { LogSigner } from './log-signer.js';

// The seed of the reference implementation's example key (golang.org/x/mod/sumdb/note), as PKCS #8 (RFC 8410 §7).
const SEED = Buffer.from('AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz', 'base64').subarray(1);
const key = createPrivateKey({
  key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), SEED]),
  format: 'der',
  type: 'pkcs8',
});

test('a note is signed byte for byte as the reference implementation signs it', () => {
  const text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
  expect(new LogSigner('PeterNeumann', key).signNote(text)).toBe(
    `${text}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`,
  );
  expect(new LogSigner('PeterNeumann', key).verifierKey).toBe(
    'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
  );
});

test('a checkpoint says origin, size and root', () => {
  const range = new CompactRange();
  range.append(leafHash(''));
  expect(new LogSigner('mcp.acme.example/audit', key).checkpoint(range).split('\n').slice(0, 4)).toEqual([
    'mcp.acme.example/audit',
    '1',
    'bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=',
    '',
  ]);
});
