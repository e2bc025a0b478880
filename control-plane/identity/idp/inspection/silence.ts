import { errorText } from '#shared/errors.js';

const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'the name of its host cannot be resolved at the moment',
  ECONNREFUSED: 'nothing answers there',
  ECONNRESET: 'the connection was cut',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that host',
  UND_ERR_CONNECT_TIMEOUT: 'no connection was made in time',
};
/** Of Node and OpenSSL, for certificates that are not trusted here. */
const CERTIFICATE = /CERT|SELF_SIGNED|ISSUER|ALTNAME/;

export interface Silence {
  readonly reason: string;
  /** What to do, where the reason alone says it. */
  readonly fix?: string;
}

/** Why a request brought nothing that can be read, in words. */
export function silenceOf(error: unknown): Silence {
  if (error instanceof SyntaxError) return { reason: 'the answer is not JSON' };
  if (error instanceof Error && error.name === 'TimeoutError') return { reason: 'it did not answer in time' };
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined;
  // What another library says of a request may hold what we sent.
  if (!cause) return { reason: error instanceof TypeError ? 'the request failed' : errorText(error) };
  const code = 'code' in cause ? String(cause.code) : '';
  if (CERTIFICATE.test(code)) {
    return {
      reason: `its certificate is not trusted here (${code})`,
      fix: 'have the certificate corrected, or set NODE_EXTRA_CA_CERTS to the file of your company’s authority, here and for start',
    };
  }
  if (cause.message === 'unexpected redirect') return { reason: 'it leads elsewhere, and redirects are not followed' };
  return { reason: REASONS[code] ?? (code === '' ? 'the request failed' : `the request failed (${code})`) };
}
