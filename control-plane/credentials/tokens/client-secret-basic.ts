import type { ClientAuth } from 'openid-client';

/**
 * `client_secret_basic` (RFC 6749 §2.3.1). Form-encoded, as the standard wants it, but nothing more: openid-client also
 * encodes dashes and dots, which servers that decode nothing then take for another client.
 */
export function clientSecretBasic(secret: string): ClientAuth {
  return (_server, { client_id: id }, _body, headers) => {
    const pair = `${formEncoded(id)}:${formEncoded(secret)}`;
    headers.set('authorization', `Basic ${Buffer.from(pair).toString('base64')}`);
  };
}

function formEncoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}
