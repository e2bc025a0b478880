// An MCP server that writes each call down before it works on it, so that what it received is known whatever dies next.
// Arguments: the file, and where it is spoken to: stdio, or a port of 127.0.0.1 with /modern and /legacy.
// A tool's name is `kind-id`; the kind says how it works, the id makes the call unlike any other.
import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';

const [file, place] = process.argv.slice(2);
const MODERN = '2026-07-28';
const LEGACY = '2025-11-25';
const SESSION = 'mcp-session-id';
const STEPS = 3;

if (place === 'stdio') serveLines();
else createServer((request, response) => void serve(request, response)).listen(Number(place), '127.0.0.1');

/** The result of a call; `report` passes a progress notification on. */
async function work(name, progressToken, report) {
  appendFileSync(file, `${JSON.stringify({ name, at: Date.now() })}\n`);
  if (name.startsWith('slow-')) await wait(20 + Math.random() * 60);
  if (name.startsWith('steps-')) {
    for (let progress = 1; progress <= STEPS; progress += 1) {
      report({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken, progress } });
      await wait(10);
    }
  }
  return { resultType: 'complete', content: [{ type: 'text', text: `done ${name}` }] };
}

async function answer({ id, method, params }, report) {
  if (method === 'tools/call') {
    return { id, result: await work(params.name, params._meta?.progressToken, report) };
  }
  if (method === 'initialize') {
    const serverInfo = { name: 'recording', version: '1' };
    return { id, result: { protocolVersion: LEGACY, capabilities: { tools: {} }, serverInfo } };
  }
  if (method === 'server/discover' && place !== 'stdio') {
    return { id, result: { resultType: 'complete', supportedVersions: [MODERN], capabilities: { tools: {} } } };
  }
  return { id, error: { code: -32601, message: 'Method not found' } };
}

function say(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

function serveLines() {
  createInterface({ input: process.stdin }).on('line', (line) => {
    const message = JSON.parse(line);
    if (message.id !== undefined) void answer(message, say).then((body) => say({ jsonrpc: '2.0', ...body }));
  });
  process.stdin.on('end', () => process.exit(0));
}

const sessions = new Set();

async function serve(request, response) {
  const body = await text(request).catch(() => '');
  if (request.method !== 'POST' || body === '') return send(response, 405);
  const message = JSON.parse(body);
  const headers = { 'content-type': 'application/json' };
  if (request.url === '/legacy') {
    if (message.method === 'server/discover') return send(response, 400);
    if (message.method === 'initialize') sessions.add((headers[SESSION] = randomUUID()));
    else if (!sessions.has(request.headers[SESSION])) return send(response, 404);
  }
  if (message.id === undefined) return send(response, 202);
  let streaming = false;
  const { id, ...rest } = await answer(message, (notification) => {
    if (!streaming) response.writeHead(200, { 'content-type': 'text/event-stream' });
    streaming = true;
    response.write(`data: ${JSON.stringify(notification)}\n\n`);
  });
  const last = JSON.stringify({ jsonrpc: '2.0', id, ...rest });
  if (streaming) return response.end(`data: ${last}\n\n`);
  response.writeHead(200, headers);
  return response.end(last);
}

function send(response, status) {
  response.writeHead(status).end();
}
