import { z } from 'zod';
import { parseExternalKey } from './key-reference.js';

const OUTER = /^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/;

/** A secret outside of our own store. */
export const outerReference = z.string().regex(OUTER, 'write env:NAME or file:PATH');

/** A secret anywhere: outside, in our own store, or in somebody else's. */
export const secretReference = z
  .string()
  .regex(
    /^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+|secret:[a-z0-9][a-z0-9-]{0,63}|vault:[^#\s]+#[^#\s]+|aws-secrets-manager:[^#\s]+(#[^#\s]+)?|1password:op:\/\/[^/]+\/[^/]+\/.+)$/,
    'write env:NAME, file:PATH, secret:NAME, vault:PATH#FIELD, aws-secrets-manager:NAME or 1password:op://VAULT/ITEM/FIELD',
  );

/** What wraps the root key: 32 bytes of our own, or a key of a key service. */
export const keyReference = z
  .string()
  .refine(
    (text) => OUTER.test(text) || parseExternalKey(text) !== undefined,
    'write env:NAME, file:PATH, aws-kms:ARN, gcp-kms:NAME, azure-key-vault:URL or vault-transit:URL',
  );
