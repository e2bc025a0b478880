// An MCP server for the fuzz: answers well, or crookedly where a call asks for that. It knows each session's person by
// the marker that stands in every message, and writes down when two people meet in one session.
// Arguments: the file for that, and where it is spoken to: stdio, or a port of 127.0.0.1 with /modern and /legacy.
import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { crookedLines, crookedResponse } from './crooked-answers.mjs';

const [file, place] = process.argv.slice(2);
const SESSION = 'mcp-session-id';
const MARKER = /mark-(alice|bob|carol)-/g;
const NAMES = ['echo', 'steps', 'ask', 'crooked', 'headers', 'announce'];

if (place === 'stdio') serveLines();
else createServer((request, response) => void serve(request, response)).listen(Number(place), '127.0.0.1');

/** @param session whose people are known; say: a message to its client outside of the answer */
async function answer({ id, method, params = {} }, { era, say, headers = {}, progress }) {
  const args = params.arguments ?? {};
  const named = era === 'modern' ? { resultType: 'complete' } : {};
  const result = (value) => ({ id, result: { ...named, ...value } });
  const cached = (value) => result({ ...value, ttlMs: 0, cacheScope: 'public' });
  switch (method) {
    case 'initialize':
      return result({
        protocolVersion: '2025-11-25',
        capabilities: capabilities(),
        serverInfo: { name: place, version: '1' },
      });
    case 'server/discover':
      if (era === 'legacy') return { id, error: { code: -32601, message: 'Method not found' } };
      return cached({ supportedVersions: ['2026-07-28'], capabilities: capabilities() });
    case 'tools/list':
      return cached({ tools: NAMES.map((name) => ({ name, inputSchema: { type: 'object' } })) });
    case 'prompts/list':
      return cached({ prompts: [{ name: 'greet', arguments: [{ name: 'marker' }] }] });
    case 'resources/list':
      return cached({ resources: [{ uri: 'note:///all', name: 'all' }] });
    case 'resources/templates/list':
      return cached({ resourceTemplates: [{ uriTemplate: 'note:///{marker}', name: 'note' }] });
    case 'resources/read':
      return cached({ contents: [{ uri: params.uri, text: params.uri }] });
    case 'resources/subscribe':
      say({ method: 'notifications/resources/updated', params: { uri: params.uri } });
      return result({});
    case 'prompts/get':
      return result({ messages: [{ role: 'user', content: { type: 'text', text: JSON.stringify(args) } }] });
    case 'completion/complete':
      return result({ completion: { values: [JSON.stringify(params.argument)] } });
    case 'tools/call':
      if (params.name === 'steps')
        progress({
          method: 'notifications/progress',
          params: { progressToken: params._meta?.progressToken, progress: 1 },
        });
      if (params.name === 'announce') {
        say({ method: 'notifications/tools/list_changed' });
        say({ method: 'notifications/message', params: { level: 'error', data: args.marker } });
      }
      return result(
        echo(
          params.name === 'headers' ? headers : { args, responses: params.inputResponses, state: params.requestState },
        ),
      );
    default:
      return result({ echoed: params });
  }
}

function capabilities() {
  return { tools: { listChanged: true }, prompts: {}, resources: { subscribe: true }, completions: {}, logging: {} };
}

function echo(value) {
  return { content: [{ type: 'text', text: JSON.stringify(value) }] };
}

/** Everyone whose marker stands in the text belongs to this session from now on; a second person is a crossing. */
function meet(people, where, said) {
  for (const [, person] of said.matchAll(MARKER)) people.add(person);
  if (people.size > 1)
    appendFileSync(file, `${JSON.stringify({ where, people: [...people], said: said.slice(0, 500) })}\n`);
}

function question(id, marker) {
  const requestedSchema = { type: 'object', properties: { marker: { type: 'string' } } };
  return { jsonrpc: '2.0', id, method: 'elicitation/create', params: { message: `Sure, ${marker}?`, requestedSchema } };
}

function write(message) {
  process.stdout.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`);
}

function sayLine(message) {
  write({ jsonrpc: '2.0', ...message });
}

function serveLines() {
  const people = new Set();
  const asked = new Map();
  createInterface({ input: process.stdin }).on('line', (line) => {
    meet(people, 'stdio', line);
    const message = JSON.parse(line);
    const { id, method, params } = message;
    if (method === undefined) {
      const call = asked.get(message.id);
      asked.delete(message.id);
      if (call) sayLine({ id: call, result: echo({ answered: message.result ?? message.error }) });
    } else if (id === undefined) return;
    else if (method === 'tools/call' && params.name === 'crooked') {
      for (const part of crookedLines({ id, marker: params.arguments?.marker }, lotOf(params))) write(part);
    } else if (method === 'tools/call' && params.name === 'ask') {
      asked.set(`ask-${id}`, id);
      if (asked.size > 64) asked.delete(asked.keys().next().value);
      write(question(`ask-${id}`, params.arguments?.marker));
    } else void answer(message, { era: 'legacy', say: sayLine, progress: sayLine }).then(sayLine);
  });
  process.stdin.on('end', () => process.exit(0));
}

const sessions = new Map();

async function serve(request, response) {
  response.on('error', () => undefined);
  const body = await text(request).catch(() => '');
  const era = request.url === '/legacy' ? 'legacy' : 'modern';
  const session = sessions.get(request.headers[SESSION]);
  if (era === 'legacy' && request.method === 'GET' && session) return stream(session, response);
  if (request.method === 'DELETE') sessions.delete(request.headers[SESSION]);
  if (request.method !== 'POST' || body === '') return response.writeHead(405).end();
  const message = JSON.parse(body);
  if (era === 'modern') return reply(message, { era, people: new Set(), body, request, response });
  if (message.method === 'server/discover') return response.writeHead(400).end();
  if (message.method === 'initialize') return begin(message, request, response, body);
  if (session === undefined) return response.writeHead(404).end();
  return reply(message, { era, people: session.people, session, body, request, response });
}

function begin(message, request, response, body) {
  const id = randomUUID();
  const session = { people: new Set(), asked: new Map(), stream: undefined };
  sessions.set(id, session);
  response.setHeader(SESSION, id);
  return reply(message, { era: 'legacy', people: session.people, session, body, request, response });
}

function stream(session, response) {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
  session.stream = response;
  response.on('close', () => (session.stream = undefined));
}

async function reply(message, { era, people, session, body, request, response }) {
  meet(people, era, body);
  const { id, method, params = {} } = message;
  if (method === undefined) {
    session?.asked.get(message.id)?.(message.result ?? message.error);
    return response.writeHead(202).end();
  }
  if (id === undefined) return response.writeHead(202).end();
  if (method === 'subscriptions/listen') return subscribe(message, response);
  if (method === 'tools/call' && params.name === 'crooked') return crooked(message, response);
  if (method === 'tools/call' && params.name === 'ask' && params.requestState === undefined)
    return ask(message, { era, session, response });
  const event = (said) => {
    if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`data: ${JSON.stringify({ jsonrpc: '2.0', ...said })}\n\n`);
  };
  const say = (said) => session?.stream?.write(`data: ${JSON.stringify({ jsonrpc: '2.0', ...said })}\n\n`);
  const said = await answer(message, { era, say, progress: event, headers: request.headers });
  if (response.headersSent) return (event(said), response.end());
  response.writeHead(200, { 'content-type': 'application/json' });
  return response.end(JSON.stringify({ jsonrpc: '2.0', ...said }));
}

function subscribe({ id, params }, response) {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const _meta = { 'io.modelcontextprotocol/subscriptionId': id };
  const say = (method, more) =>
    response.write(`data: ${JSON.stringify({ jsonrpc: '2.0', method, params: { _meta, ...more } })}\n\n`);
  say('notifications/subscriptions/acknowledged', { notifications: params.notifications });
  say('notifications/tools/list_changed', {});
  for (const uri of params.notifications?.resourceSubscriptions ?? []) say('notifications/resources/updated', { uri });
}

function ask({ id, params }, { era, session, response }) {
  const marker = params.arguments?.marker;
  if (era === 'modern') {
    const inputRequests = { question: { method: 'elicitation/create', params: question(1, marker).params } };
    const result = { resultType: 'input_required', inputRequests, requestState: `state of ${marker}` };
    response.writeHead(200, { 'content-type': 'application/json' });
    return response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(`data: ${JSON.stringify(question(`ask-${id}`, marker))}\n\n`);
  const forget = () => session.asked.delete(`ask-${id}`);
  session.asked.set(`ask-${id}`, (answered) => {
    forget();
    response.end(`data: ${JSON.stringify({ jsonrpc: '2.0', id, result: echo({ answered }) })}\n\n`);
  });
  response.on('close', forget);
  return undefined;
}

function crooked({ id, params }, response) {
  const { status, headers, body, cut } = crookedResponse({ id, marker: params.arguments?.marker }, lotOf(params));
  response.writeHead(status, headers);
  if (cut) response.write(body, () => response.destroy());
  else response.end(body);
}

function lotOf({ arguments: args }) {
  return Number.isSafeInteger(args?.lot) && args.lot >= 0 ? args.lot : 0;
}
