// Starts what `npm run build` wrote, under Node's own loader, which sees what the tests' transforms hide: import cycles,
// missing metadata, files that were not built. Free of dependencies.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 20_000;

const built = (path) => fileURLToPath(new URL(`../dist/${path}`, import.meta.url));
const controlPlane = built('control-plane/main.js');
const parent = mkdtempSync(join(tmpdir(), 'mcp-sso-smoke-'));
const directory = join(parent, 'mcp-sso');
const environment = { PATH: process.env.PATH, MCP_SSO_IDP_SECRET: 'smoke', HOME: parent };

try {
  help();
  const [port, adminPort] = [await freePort(), await freePort()];
  run('init', 0);
  assert.match(run('check', 3).stdout, /publicUrl: not filled in yet/);
  fillIn(port, adminPort);
  assert.match(run('check', 0, '--offline').stdout, /^ok: /m);
  await startAndStop(port, adminPort);
  console.log('smoke: the built control plane starts, answers and stops; the built CLI shows its help');
} finally {
  rmSync(parent, { recursive: true, force: true });
}

function help() {
  const result = spawnSync(process.execPath, [built('cli/main.js'), '--help'], { encoding: 'utf8', timeout: 30_000 });
  assert.equal(result.status, 0, result.stderr);
  assert.match(result.stdout, /bridge/);
}

function run(command, expected, ...more) {
  const options = { encoding: 'utf8', env: environment, timeout: 30_000 };
  const result = spawnSync(process.execPath, [controlPlane, command, '--config', directory, ...more], options);
  assert.equal(result.status, expected, `${command}: ${result.stdout}${result.stderr}`);
  return result;
}

function fillIn(port, adminPort) {
  const file = join(directory, 'mcp-sso.yaml');
  const replacements = [
    ['publicUrl: CHANGE-ME', `publicUrl: http://127.0.0.1:${port}`],
    ['127.0.0.1:8700', `127.0.0.1:${port}`],
    ['127.0.0.1:8701', `127.0.0.1:${adminPort}`],
    // Nothing answers there: a control plane starts while its identity provider is away.
    ['issuer: CHANGE-ME', 'issuer: http://127.0.0.1:9'],
    ['clientId: CHANGE-ME', 'clientId: smoke'],
    ['company/CHANGE-ME', 'company/it-admins'],
    ['privateNetworks: []', 'privateNetworks: [127.0.0.0/8]'],
    ['url: CHANGE-ME', 'url: http://127.0.0.1:9/mcp'],
  ];
  writeFileSync(
    file,
    replacements.reduce((text, [from, to]) => text.replace(from, to), readFileSync(file, 'utf8')),
  );
}

async function startAndStop(port, adminPort) {
  const server = spawn(process.execPath, [controlPlane, 'start', '--config', directory], { env: environment });
  let log = '';
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (chunk) => (log += chunk));
  const exited = once(server, 'exit');
  try {
    await untilReady(`http://127.0.0.1:${port}/readyz`, server, () => log);
    await answers(port, adminPort);
    server.kill('SIGTERM');
    const [code] = await Promise.race([exited, delay(STOP_LIMIT_MS, ['still running'], { ref: false })]);
    assert.equal(code, 0, log);
    assert.match(log, /"event":"system\.stopped"/);
  } finally {
    server.kill('SIGKILL');
  }
}

async function untilReady(url, server, log) {
  const deadline = Date.now() + START_LIMIT_MS;
  while (Date.now() < deadline && server.exitCode === null) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.status === 200) return;
    await delay(50);
  }
  assert.fail(`not ready at ${url}: ${log()}`);
}

async function answers(port, adminPort) {
  const base = `http://127.0.0.1:${port}`;
  const [alive, stranger, nothing, health] = await Promise.all([
    fetch(`${base}/healthz`),
    fetch(`${base}/mcp`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }),
    fetch(`${base}/nothing-here`),
    fetch(`http://127.0.0.1:${adminPort}/health`),
  ]);
  assert.equal(alive.status, 200);
  assert.equal(alive.headers.get('x-content-type-options'), 'nosniff');
  assert.equal(stranger.status, 401);
  assert.equal(nothing.status, 404);
  assert.equal((await nothing.json()).code, 'not_found');
  assert.equal((await health.json()).ready, true);
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
