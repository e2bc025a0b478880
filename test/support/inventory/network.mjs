// A network of its own (the test starts this in one) with three MCP servers that are open, two that ask for a login, and one
// that never answers. Runs each command of COMMANDS in it, prints what came of them and which methods were called.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const EVERYTHING = join(ROOT, 'node_modules', '@modelcontextprotocol', 'server-everything', 'dist', 'index.js');
const children = [];
const methods = [];

function start(args, env) {
  const child = spawn(process.execPath, args, { env: { PATH: process.env.PATH, ...env }, stdio: 'ignore' });
  children.push(child);
}

async function listening(port) {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const answered = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (answered) return;
    await delay(20);
  }
}

const modern = toNodeHandler(
  createMcpHandler(() => {
    const server = new McpServer({ name: 'open-modern', version: '2.0.0' });
    server.registerTool('drop\u001b[2Jtable', { description: 'Says nothing.' }, () => ({ content: [] }));
    return server;
  }),
);

async function serveModern(request, response) {
  const chunks = await Array.fromAsync(request);
  const body = JSON.parse(Buffer.concat(chunks).toString() || 'null');
  methods.push(body?.method ?? request.method);
  await modern(request, response, body);
}

function refuse(request, response) {
  request.resume();
  methods.push(request.method);
  response.writeHead(401, {
    'www-authenticate': 'Bearer resource_metadata="http://127.0.0.1:3005/.well-known/oauth-protected-resource/mcp"',
  });
  response.end();
}

createServer((request, response) => void serveModern(request, response)).listen(3003, '127.0.0.1');
createServer(refuse).listen(3005, '127.0.0.1');
createTcpServer(() => undefined).listen(3006, '127.0.0.1');
start([EVERYTHING, 'streamableHttp'], { PORT: '3001' });
start([EVERYTHING, 'sse'], { PORT: '3002' });
start([join(ROOT, 'dist', 'demo', 'crm', 'main.js')], {
  PORT: '3004',
  CRM_API_KEY: 'key-of-the-crm',
  REQUEST_LOG: process.env.REQUEST_LOG,
});
await Promise.all([3001, 3002, 3003, 3004, 3005, 3006].map(listening));

async function run([command, ...args]) {
  const began = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, [code]] = await Promise.all([
    Array.fromAsync(child.stdout.setEncoding('utf8')),
    Array.fromAsync(child.stderr.setEncoding('utf8')),
    once(child, 'exit'),
  ]);
  return { code, stdout: stdout.join(''), stderr: stderr.join(''), milliseconds: performance.now() - began };
}

const runs = await Promise.all(JSON.parse(process.env.COMMANDS).map(run));
for (const child of children) child.kill('SIGKILL');
process.stdout.write(JSON.stringify({ runs, methods: [...new Set(methods)] }), () => process.exit(0));
