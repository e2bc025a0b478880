/** Parts of names, without case and punctuation. */
const PARTS = [
  'password',
  'passwd',
  'passphrase',
  'passcode',
  'secret',
  'token',
  'authorization',
  'apikey',
  'accesskey',
  'privatekey',
  'signingkey',
  'encryptionkey',
  'credential',
  'cookie',
  'clientassertion',
  'connectionstring',
] as const;

/** Whole names: within others they mean something else. */
const WHOLE = new Set([
  'auth',
  'bearer',
  'jwt',
  'otp',
  'pass',
  'pin',
  'pwd',
  'sessionid',
  'sig',
  'signature',
  'cvv',
  'cvc',
]);

/** Whether a member of this name holds a secret by its name alone; `max_tokens` does too, because the rule is plain. */
export function isSecretName(name: string): boolean {
  const letters = name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
  return WHOLE.has(letters) || PARTS.some((part) => letters.includes(part));
}
