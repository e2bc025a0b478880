import { beforeAll, describe, expect, it } from 'vitest';
import { searchAudit } from '../support/audit.js';
import { callsAtCrm, receivedByCrm } from '../support/crm-log.js';
import { credentials, send } from '../support/http.js';
import { modernRequest, sendMcp } from '../support/mcp.js';
import { signIn, signInAsAuditor, type SignedIn } from '../support/person.js';
import { exchange, statuses } from '../support/raw-socket.js';
import { useStack } from '../support/stack.js';

const stack = useStack();
let alice: SignedIn;
let origin: string;
let port: number;

beforeAll(async () => {
  alice = await signIn(stack(), 'alice');
  origin = stack().addresses.publicUrl;
  port = Number(new URL(origin).port);
});

const METADATA = [
  '/.well-known/oauth-authorization-server',
  '/.well-known/openid-configuration',
  '/.well-known/oauth-protected-resource/mcp',
  '/.well-known/oauth-protected-resource/mcp/crm',
];
const FORGED = {
  forwarded: 'host=evil.example;proto=https;for=203.0.113.9',
  'x-forwarded-host': 'evil.example',
  'x-forwarded-proto': 'https',
  'x-forwarded-port': '443',
  'x-forwarded-for': '203.0.113.9',
  'x-real-ip': '203.0.113.9',
};

describe('pitfall 20, the Host header: where we are', () => {
  it.each(METADATA)('%s does not follow forwarding headers, and is not told under a foreign Host', async (path) => {
    const plain = await send(origin + path);
    const forged = await send(origin + path, { headers: FORGED });
    const rebound = await send(origin + path, { headers: { host: 'evil.example', ...FORGED } });
    expect(plain.status).toBe(200);
    expect(forged.text).toBe(plain.text);
    expect(plain.text).toContain(origin);
    expect([rebound.status, rebound.text.includes('evil.example')]).toEqual([403, false]);
  });

  it('the challenge does not follow them either', async () => {
    const answer = await sendMcp(`${origin}/mcp`, FORGED);
    expect(answer.status).toBe(401);
    expect(answer.challenges.join()).toContain(`resource_metadata="${origin}/.well-known/`);
    expect(answer.challenges.join()).not.toContain('evil.example');
  });

  it('MCP under a foreign Host is refused, with a good token too', async () => {
    const url = `${origin}/mcp`;
    const answer = await sendMcp(url, { ...(await credentials(alice, 'POST', url)), host: 'evil.example' });
    expect(answer.status).toBe(403);
    expect(answer.text).not.toContain('evil.example');
  });

  it('a redirect of the sign-in does not follow them either', async () => {
    const url = `${origin}/oauth/authorize?client_id=mcp-bridge&response_type=code&redirect_uri=${encodeURIComponent('http://127.0.0.1:1/callback')}&scope=openid%20mcp&code_challenge=${'a'.repeat(43)}&code_challenge_method=S256&resource=${encodeURIComponent(`${origin}/mcp`)}`;
    const answer = await send(url, { headers: FORGED });
    expect(answer.status).toBe(303);
    expect(String(answer.headers['location'])).not.toContain('evil.example');
    expect((await send(url, { headers: { host: 'evil.example' } })).status).toBe(403);
  });
});

describe('a web page of another origin', () => {
  it('can’t call MCP, even with a good token', async () => {
    const url = `${origin}/mcp`;
    const answer = await sendMcp(url, { ...(await credentials(alice, 'POST', url)), origin: 'http://evil.example' });
    expect(answer.status).toBe(403);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });

  it('gets no permission by a preflight', async () => {
    const text = await exchange(
      port,
      `OPTIONS /mcp HTTP/1.1\r\nHost: x\r\nOrigin: http://evil.example\r\nAccess-Control-Request-Method: POST\r\nConnection: close\r\n\r\n`,
    );
    expect(text.toLowerCase()).not.toContain('access-control-allow-origin');
  });
});

describe('pitfall 17, spoofed identity: the client’s address', () => {
  it('is taken from the connection where no proxy is trusted', async () => {
    const url = `${origin}/mcp`;
    const own = await credentials(alice, 'POST', url);
    await sendMcp(url, { ...own, ...FORGED }, 'tools/call', { name: 'crm__list_customers', arguments: {} });
    const [entry] = await searchAudit(stack(), await signInAsAuditor(stack()), { tool: 'list_customers' });
    expect(entry?.address).toBe('127.0.0.1');
  });

  it('and none of the caller’s identity headers reach the upstream', () => {
    const call = receivedByCrm(stack()).find(({ method }) => method === 'tools/call');
    const passed = (call?.headers ?? []).filter((name) =>
      /^(authorization|dpop|cookie|forwarded|x-forwarded|x-real-ip|origin|referer)/.test(name),
    );
    expect(call).toBeDefined();
    expect(passed).toEqual([]);
  });
});

describe('pitfall 17, smuggling: a request', () => {
  it('with Content-Length and Transfer-Encoding is refused whole', async () => {
    const hidden = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n';
    const answer = await exchange(
      port,
      `POST /mcp HTTP/1.1\r\nHost: x\r\nContent-Length: ${hidden.length + 5}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
    );
    expect(statuses(answer)).toEqual([400]);
  });

  it('with two Content-Lengths is refused', async () => {
    const answer = await exchange(
      port,
      'POST /mcp HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\nhello',
    );
    expect(statuses(answer)).toEqual([400]);
  });

  it('with a folded header is refused', async () => {
    const answer = await exchange(
      port,
      'POST /mcp HTTP/1.1\r\nHost: x\r\nX-A: 1\r\n Authorization: DPoP x\r\nContent-Length: 0\r\n\r\n',
    );
    expect(statuses(answer)).toEqual([400]);
  });

  it.each<[string, string]>([
    ['a Transfer-Encoding nobody knows', 'Transfer-Encoding: xchunked'],
    ['a Transfer-Encoding that does not end in chunked', 'Transfer-Encoding: chunked, identity'],
    ['a Content-Length that is no number', 'Content-Length: +4'],
    ['a space before the colon', 'Transfer-Encoding : chunked'],
    ['a header that ends in a bare CR', 'X-A: 1\rTransfer-Encoding: chunked'],
    ['a NUL in a header', 'X-A: 1\0'],
  ])('with %s is refused whole', async (_name, header) => {
    const hidden = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n';
    const answer = await exchange(port, `POST /mcp HTTP/1.1\r\nHost: x\r\n${header}\r\n\r\n0\r\n\r\n${hidden}`);
    expect(statuses(answer)).toEqual([400]);
  });

  it('with a chunk whose length lies is refused, and nothing behind it is read', async () => {
    const hidden = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n';
    const head = `POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const answer = await exchange(port, `${head}2;a=b\r\n{}0\r\n\r\n${hidden}`);
    expect(statuses(answer)).not.toContain(200);
    expect(answer).not.toContain('/smuggled');
  });

  it.each<[string, string, number]>([
    ['another in its address', 'GET http://evil.example/PATH HTTP/1.1\r\nHost: evil.example', 403],
    ['another first', 'GET /PATH HTTP/1.1\r\nHost: evil.example\r\nHost: OWN', 403],
    ['another second', 'GET /PATH HTTP/1.1\r\nHost: OWN\r\nHost: evil.example', 200],
  ])('with two Hosts, %s, learns nothing of the foreign one', async (_name, head, status) => {
    const sent = head.replace('PATH', '.well-known/oauth-authorization-server').replace('OWN', `127.0.0.1:${port}`);
    const answer = await exchange(port, `${sent}\r\nConnection: close\r\n\r\n`);
    expect([statuses(answer), answer.includes('evil.example')]).toEqual([[status], false]);
  });

  it('with a header that contradicts the body is refused before the upstream', async () => {
    const url = `${origin}/mcp`;
    const before = callsAtCrm(stack()).length;
    const { body, headers } = modernRequest('tools/call', {
      name: 'crm__add_customer',
      arguments: { name: 'x', city: 'y' },
    });
    const own = await credentials(alice, 'POST', url);
    const answer = await send(url, {
      method: 'POST',
      headers: { ...headers, ...own, 'mcp-name': 'crm__list_customers' },
      body,
    });
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toMatchObject({ error: { code: -32020 } });
    expect(callsAtCrm(stack())).toHaveLength(before);
  });
});
