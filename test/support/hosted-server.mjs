// An MCP server over stdio that does what it is told, good or bad: tests run it as a hosted server.
// Its revision is the first argument: legacy, modern, or brittle (legacy, and ends on anything before initialize).
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

const era = process.argv[2] ?? 'legacy';
let count = 0;
let initialized = false;
const waiting = new Map();

const TOOLS = {
  count: () => ({ count: (count += 1), pid: process.pid }),
  env: () => process.env,
  args: () => process.argv.slice(2),
  read: ({ path }) => (statSync(path).isDirectory() ? readdirSync(path).toSorted() : readFileSync(path, 'latin1')),
  write: ({ path, text }) => writeFileSync(path, text) ?? 'written',
  fds: () => readdirSync('/proc/self/fd').map((fd) => attempt(() => readlinkSync(`/proc/self/fd/${fd}`))),
  who: () => ({ uid: process.getuid(), ppid: process.ppid }),
  connect: ({ port, host }) => reach(port, host ?? '127.0.0.1'),
  say: ({ text }) => process.stderr.write(`${text}\n`) && 'said',
  noise: ({ text }) => process.stdout.write(`${text}\n`) && 'made',
  fill: ({ bytes }) => 'x'.repeat(bytes),
  allocate: ({ mebibytes }) => Array.from({ length: mebibytes }, () => Buffer.alloc(1024 * 1024, 1)).length,
  hoard: ({ mebibytes }) => {
    const all = [];
    // Outside of the heap, which is quick; where that is refused, inside, where nothing can catch it.
    while (all.length < mebibytes) {
      all.push(attempt(() => Buffer.alloc(1024 * 1024, 1)) || Array.from({ length: 128 * 1024 }));
    }
    return 'kept all';
  },
  // One line without an end, or lines without end on a stream.
  flood: ({ mebibytes }) => {
    const piece = Buffer.alloc(1024 * 1024, 'x');
    for (let n = 0; n < mebibytes; n += 1) process.stdout.write(piece);
  },
  chatter: ({ on }) => {
    const say = () => process[on].write(`${'chatter '.repeat(1_000)}\n`, () => setImmediate(say));
    return say() && 'talking';
  },
  spawn: ({ seconds }) => `${spawn('sleep', [seconds], { stdio: 'ignore' }).pid}`,
  crash: () => process.exit(3),
  wait: (_args, { id, token }) => {
    if (token !== undefined) progress(token, 0);
    return new Promise((resolve) => waiting.set(id, resolve));
  },
  release: () => {
    for (const [id, resolve] of waiting) resolve(`released ${id}`);
    return waiting.size;
  },
  ask: () => {
    asked += 1;
    send({ jsonrpc: '2.0', id: `ask${asked}`, method: 'elicitation/create', params: { message: 'Sure?' } });
    return new Promise((resolve) => answers.set(`ask${asked}`, resolve));
  },
  cancelled: () => cancelled,
  steps: (_args, { token }) => {
    progress(token, 1);
    progress(token, 2);
    return 'done';
  },
};
const cancelled = [];
const answers = new Map();
let asked = 0;

createInterface({ input: process.stdin }).on('line', (line) => void receive(JSON.parse(line)));
process.stdin.on('end', () => process.exit(0));

async function receive({ id, method, params, result, error }) {
  if (method === undefined) answers.get(id)?.(result ?? error);
  if (method === undefined) return;
  if (era === 'brittle' && !initialized && method !== 'initialize') process.exit(1);
  if (method === 'notifications/cancelled') cancelled.push(params.requestId);
  if (id === undefined) return;
  const answer = await resultOf(method, params ?? {}, id);
  send({ jsonrpc: '2.0', id, ...answer });
}

async function resultOf(method, params, id) {
  if (method === 'initialize' && era !== 'modern') {
    initialized = true;
    const { protocolVersion } = params;
    return { result: { protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'hosted', version: '1' } } };
  }
  if (method === 'server/discover' && era === 'modern') {
    return { result: { resultType: 'complete', supportedVersions: ['2026-07-28'], capabilities: { tools: {} } } };
  }
  if (method === 'tools/list') {
    return { result: { tools: Object.keys(TOOLS).map((name) => ({ name, inputSchema: { type: 'object' } })) } };
  }
  if (method === 'tools/call' && Object.hasOwn(TOOLS, params.name)) return { result: await call(params, id) };
  return { error: { code: -32601, message: 'Method not found' } };
}

async function call({ name, arguments: args, _meta }, id) {
  const type = era === 'modern' ? { resultType: 'complete' } : {};
  try {
    const value = await TOOLS[name](args ?? {}, { id, token: _meta?.progressToken });
    return { ...type, content: [{ type: 'text', text: typeof value === 'string' ? value : JSON.stringify(value) }] };
  } catch (error) {
    return { ...type, isError: true, content: [{ type: 'text', text: `${error.code ?? ''} ${error.message}` }] };
  }
}

function progress(progressToken, value) {
  send({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken, progress: value } });
}

function send(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

function reach(port, host) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host, () => {
      socket.destroy();
      resolve('reached');
    });
    socket.once('error', reject);
  });
}

function attempt(step) {
  try {
    return step();
  } catch {
    return '';
  }
}
