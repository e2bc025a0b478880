import { CodedError } from '#shared/errors.js';

/** A request as it leaves, with every header that was known. */
export interface OutgoingRequest {
  readonly method: string;
  /** With its query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The headers that sign a request; they are added to its own. Throws coded errors. */
export type RequestSigner = (request: OutgoingRequest) => Promise<Readonly<Record<string, string>>>;

/** Signs one request within `milliseconds`. Throws `credential_unavailable`, because nothing has left. */
export async function signatureOf(
  request: OutgoingRequest,
  sign: RequestSigner,
  milliseconds: number,
): Promise<Readonly<Record<string, string>>> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(unsigned('it took too long')), milliseconds);
  try {
    return await Promise.race([sign(request), late.promise]);
  } catch (error) {
    if (error instanceof CodedError && error.code === 'credential_unavailable') throw error;
    throw unsigned(error instanceof CodedError ? `${error.code} ${error.detail ?? ''}` : 'the signer failed', error);
  } finally {
    clearTimeout(timer);
  }
}

function unsigned(why: string, cause?: unknown): CodedError {
  return new CodedError('credential_unavailable', { detail: `the request could not be signed: ${why.trim()}`, cause });
}
