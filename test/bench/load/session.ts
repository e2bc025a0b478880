const VERSION = '2025-11-25';
const TIMEOUT_MS = 10_000;
const INFO = { name: 'bench', version: '1' };

/** Opens a session of 2025-11-25; resolves to its id. Rejects with the answer where there is none. */
export async function openSession(url: string, accessToken?: string): Promise<string> {
  const own = accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` };
  const params = { protocolVersion: VERSION, capabilities: {}, clientInfo: INFO };
  const opened = await post(url, own, { id: 0, method: 'initialize', params });
  const text = await opened.text();
  const session = opened.headers.get('mcp-session-id');
  if (session === null) throw new Error(`${url} gives no session: ${opened.status} ${text.slice(0, 300)}`);
  const headers = { ...own, 'mcp-session-id': session, 'mcp-protocol-version': VERSION };
  const ready = await post(url, headers, { method: 'notifications/initialized' });
  await ready.body?.cancel();
  return session;
}

function post(url: string, headers: Readonly<Record<string, string>>, message: object): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
    body: JSON.stringify({ jsonrpc: '2.0', ...message }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
}
