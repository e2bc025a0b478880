import type { CustomFetch } from 'openid-client';

/** `fetch` in the form that openid-client calls it. */
export const providerRequest: CustomFetch = (url, { body, signal, ...options }) =>
  fetch(url, { ...options, body: body ?? null, signal: signal ?? null });
