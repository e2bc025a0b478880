import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { Browser } from './browser.js';

const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address ? String(address.port) : '';
}

const FORM =
  '<form method="post" action="/send"><input type="hidden" name="csrf" value="a&amp;b"><button>Go</button></form>';

test('keeps Strict cookies from what another site started, and sends Lax ones with a GET only', async () => {
  const seen: string[] = [];
  const here = await serve((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers.cookie ?? '-'}`);
    response.setHeader('set-cookie', ['strict=1; SameSite=Strict; Path=/', 'lax=1; SameSite=Lax; Path=/']);
    response.end('here');
  });
  const other = await serve((request, response) => {
    const target = `http://127.0.0.1:${here}${request.url}`;
    response.end(FORM.replace('/send', target).replace('post', request.url === '/get' ? 'get' : 'post'));
  });
  const browser = new Browser();
  await browser.open(`http://127.0.0.1:${here}/typed`);
  await browser.open(`http://127.0.0.1:${here}/typed`);
  for (const path of ['/get', '/post']) {
    const page = await browser.open(`http://localhost:${other}${path}`);
    await browser.press(page, page.forms[0]!, page.forms[0]!.buttons[0]!);
  }
  expect(seen).toEqual(['GET /typed -', 'GET /typed strict=1; lax=1', 'GET /get?csrf=a%26b lax=1', 'POST /post -']);
});

test('refuses to follow a form to where its page does not allow it, redirects included', async () => {
  const here = await serve((request, response) => {
    if (request.method === 'POST') {
      response.writeHead(303, { location: 'http://127.0.0.1:1/callback' }).end();
      return;
    }
    response.setHeader('content-security-policy', "form-action 'self'");
    response.end(FORM);
  });
  const browser = new Browser();
  const page = await browser.open(`http://127.0.0.1:${here}/`);
  await expect(browser.press(page, page.forms[0]!, page.forms[0]!.buttons[0]!)).rejects.toThrow(/form-action/);
});

test('sends Origin null from a page that sends no referrer', async () => {
  let origin: string | undefined;
  const here = await serve((request, response) => {
    if (request.method === 'POST') origin = request.headers.origin;
    response.setHeader('referrer-policy', 'no-referrer');
    response.end(FORM);
  });
  const browser = new Browser();
  const page = await browser.open(`http://127.0.0.1:${here}/`);
  await browser.press(page, page.forms[0]!, page.forms[0]!.buttons[0]!);
  expect(origin).toBe('null');
});
