const PREFIX = 'whsec_';
const BYTES = { least: 24, most: 64 };

/** The key in a secret of Standard Webhooks 1.0: `whsec_` and 24 to 64 bytes in base64. Undefined for anything else. */
export function webhookKey(secret: string): Buffer | undefined {
  if (!secret.startsWith(PREFIX)) return undefined;
  const text = secret.slice(PREFIX.length);
  const key = Buffer.from(text, 'base64');
  const isExact = key.toString('base64').replaceAll('=', '') === text.replaceAll('=', '');
  return isExact && key.length >= BYTES.least && key.length <= BYTES.most ? key : undefined;
}
