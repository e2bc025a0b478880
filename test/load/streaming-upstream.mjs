// An MCP server that streams progress before each result and sometimes asks back, in every transport that there is.
// Arguments: the file in which it writes down each call, and where it is spoken to: stdio, or a port of 127.0.0.1 with
// /modern (2026-07-28), /legacy (2025-11-25, sessions) and /sse (2024-11-05). The arguments of
// its one tool say what the call is named, how much it streams, and how many bytes each message is padded with. What is said carries the name, so that nothing can pass for another call's.
import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';

const [file, place] = process.argv.slice(2);
const SESSION = 'mcp-session-id';
const EVENTS = { 'content-type': 'text/event-stream' };
const SCHEMA = { type: 'object', properties: { word: { type: 'string' } } };
/** Milliseconds between two steps, at most. */
const PACE = 80;

const sessions = new Map();
/** What a client was asked → what takes its answer. */
const asked = new Map();

if (place === 'stdio') serveLines();
else createServer((request, response) => void serve(request, response)).listen(Number(place), '127.0.0.1');

/** The result of a call; `say` passes a message on before it. */
async function work({ arguments: { name, steps, asks, padding = 0 }, _meta, inputResponses }, { era, home, say }) {
  const again = inputResponses === undefined ? '' : ' again';
  appendFileSync(file, `${JSON.stringify({ name: name + again, at: Date.now() })}\n`);
  const pad = padding === 0 ? undefined : 'x'.repeat(padding);
  const half = asks ? Math.ceil(steps / 2) : steps;
  const from = again === '' ? 0 : half;
  const to = era === 'modern' && asks && again === '' ? half : steps;
  let word = inputResponses?.confirm?.content?.word;
  for (let progress = from + 1; progress <= to; progress += 1) {
    if (asks && era === 'legacy' && progress === half + 1) word = await ask(name, say);
    if (padding === 0) await wait(Math.random() * PACE);
    const params = { progressToken: _meta?.progressToken, progress, total: steps, message: name, pad };
    say({ jsonrpc: '2.0', method: 'notifications/progress', params });
  }
  if (to < steps) {
    const question = { method: 'elicitation/create', params: { mode: 'form', message: name, requestedSchema: SCHEMA } };
    return { resultType: 'input_required', inputRequests: { confirm: question }, requestState: name };
  }
  const said = asks ? `done ${name} ${word}` : `done ${name}`;
  const type = era === 'modern' ? { resultType: 'complete' } : {};
  return { ...type, content: [{ type: 'text', text: said }], _meta: { 'load/home': home, pad } };
}

async function ask(name, say) {
  const id = randomUUID();
  const { promise, resolve } = Promise.withResolvers();
  asked.set(id, resolve);
  say({ jsonrpc: '2.0', id, method: 'elicitation/create', params: { message: name, requestedSchema: SCHEMA } });
  const { result, error } = await promise;
  asked.delete(id);
  return result?.content?.word ?? `no word: ${JSON.stringify(error)}`;
}

async function answer({ id, method, params }, how) {
  if (method === 'tools/call') return { jsonrpc: '2.0', id, result: await work(params, how) };
  const capabilities = { tools: {}, logging: {} };
  const serverInfo = { name: 'streaming', version: '1' };
  if (method === 'initialize' && how.era === 'legacy') {
    return { jsonrpc: '2.0', id, result: { protocolVersion: '2025-11-25', capabilities, serverInfo } };
  }
  const modern = { resultType: 'complete', ttlMs: 0, cacheScope: 'private' };
  if (method === 'server/discover' && how.era === 'modern') {
    return {
      jsonrpc: '2.0',
      id,
      result: { ...modern, supportedVersions: ['2026-07-28'], capabilities: { tools: {} } },
    };
  }
  if (method === 'tools/list') {
    const tools = [{ name: 'stream', inputSchema: { type: 'object' } }];
    return { jsonrpc: '2.0', id, result: how.era === 'modern' ? { ...modern, tools } : { tools } };
  }
  return { jsonrpc: '2.0', id, error: { code: -32601, message: 'Method not found' } };
}

/** Takes a message; whatever there is to say to it goes to `say`. */
async function receive(message, how) {
  if (message.method === undefined) asked.get(message.id)?.(message);
  else if (message.id !== undefined) how.say(await answer(message, how));
}

function sayLine(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

function serveLines() {
  const how = { era: 'legacy', home: `process ${randomUUID()}`, say: sayLine };
  createInterface({ input: process.stdin }).on('line', (line) => void receive(JSON.parse(line), how));
  process.stdin.on('end', () => process.exit(0));
}

async function serve(request, response) {
  const { pathname, searchParams } = new URL(request.url, 'http://127.0.0.1');
  const body = await text(request).catch(() => '');
  const message = body === '' ? undefined : JSON.parse(body);
  if (pathname === '/modern')
    return message ? post(message, { era: 'modern', home: null }, response) : end(response, 405);
  if (pathname === '/sse') return stream(randomUUID(), response, '/messages?id=');
  if (pathname === '/messages') return deliver(searchParams.get('id'), message, response);
  return serveLegacy(request, message, response);
}

async function serveLegacy({ method, headers }, message, response) {
  if (message?.method === 'server/discover') return end(response, 400);
  if (message?.method === 'initialize') {
    const id = randomUUID();
    sessions.set(id, undefined);
    return post(message, { era: 'legacy', home: `session ${id}` }, response, { [SESSION]: id });
  }
  const id = headers[SESSION];
  if (!sessions.has(id)) return end(response, 404);
  if (method === 'GET') return stream(id, response);
  if (method === 'DELETE') {
    sessions.get(id)?.end();
    sessions.delete(id);
    return end(response, 200);
  }
  return post(message, { era: 'legacy', home: `session ${id}` }, response);
}

/** Answers a POST with one message where nothing is said before it, else with an event stream. */
async function post(message, how, response, headers = {}) {
  if (message.id === undefined || message.method === undefined) {
    end(response, 202);
    return receive(message, how);
  }
  const say = (said) => {
    const last = said.id === message.id && said.method === undefined;
    if (!response.headersSent && last) {
      response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(said));
      return;
    }
    if (!response.headersSent) response.writeHead(200, { ...EVENTS, ...headers });
    response.write(`data: ${JSON.stringify(said)}\n\n`);
    if (last) response.end();
  };
  return receive(message, { ...how, say });
}

/** A stream that stays open: of a session, or the one of 2024-11-05, whose first event is where to post. */
function stream(id, response, endpoint) {
  sessions.set(id, response);
  response.writeHead(200, EVENTS);
  if (endpoint) response.write(`event: endpoint\ndata: ${endpoint}${id}\n\n`);
  else response.write(`data: ${JSON.stringify(logged(`session ${id}`))}\n\n`);
  if (endpoint) response.on('close', () => sessions.delete(id));
}

function logged(home) {
  return { jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: home } };
}

function deliver(id, message, response) {
  const events = sessions.get(id);
  if (events === undefined) return end(response, 404);
  end(response, 202);
  const say = (said) => events.write(`event: message\ndata: ${JSON.stringify(said)}\n\n`);
  return receive(message, { era: 'legacy', home: `stream ${id}`, say });
}

function end(response, status) {
  response.writeHead(status).end();
}
