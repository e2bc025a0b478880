import { request } from 'undici';
import { PATHS } from '#shared/api/paths.js';
import { credentials } from './http.js';
import { modernRequest } from './mcp.js';
import type { SignedIn } from './person.js';

/** Credentials for one request to `publicUrl` + `path`, as a balancer passes them on to whichever replica. */
export async function balanced(
  publicUrl: string,
  by: SignedIn,
  method: string,
  path: string,
): Promise<Record<string, string>> {
  const url = new URL(publicUrl + path);
  return { host: url.host, ...(await credentials(by, method, url.href)) };
}

/** Begins a call of ten minutes at a replica; resolves once its first progress has arrived. `rest` resolves at its end. */
export async function longCall(publicUrl: string, at: string, by: SignedIn): Promise<{ rest(): Promise<string> }> {
  const name = 'everything__trigger-long-running-operation';
  const _meta = { progressToken: 'p1' };
  const { body, headers } = modernRequest('tools/call', { name, arguments: { duration: 600, steps: 6_000 }, _meta });
  const answer = await request(`${at}${PATHS.mcp}`, {
    method: 'POST',
    headers: { ...headers, ...(await balanced(publicUrl, by, 'POST', PATHS.mcp)) },
    body,
  });
  const chunks = answer.body[Symbol.asyncIterator]();
  let text = '';
  while (!text.includes('notifications/progress')) text += String((await chunks.next()).value);
  return {
    rest: async () => {
      for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) text += String(next.value);
      return text;
    },
  };
}
