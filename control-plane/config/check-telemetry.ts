import { isLoopback } from './address.js';

/** Of a collector's address: what is sent there says who works with what. */
export function collectorUrl(text: string): { readonly message: string; readonly fix?: string } | undefined {
  const url = URL.parse(text);
  if (!url) return undefined;
  if (url.protocol === 'http:' && !isLoopback(url)) {
    return {
      message: 'plain http is accepted for this machine only',
      fix: 'write https, or run a collector beside the control plane and name 127.0.0.1',
    };
  }
  if (url.username !== '' || url.password !== '') {
    return { message: 'carries a user name', fix: 'put the credential into headers, as env:NAME or file:PATH' };
  }
  return url.hash === '' ? undefined : { message: 'an endpoint has no fragment', fix: 'remove what follows #' };
}
