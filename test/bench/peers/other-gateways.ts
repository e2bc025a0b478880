import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { errorText } from '#shared/errors.js';
import { Child } from '../../../demo/stack/child.js';
import { freePort } from '../../../demo/stack/ports.js';
import { untilAnswering } from '../../../demo/stack/ready.js';
import { oldCalling, type Target } from '../load/calls.js';
import type { LoadJob } from '../load/job.js';
import { openSession } from '../load/session.js';
import { programFile } from '../process.js';
import { absenceOf, PROGRAMS } from './programs.js';

type Outcome = LoadJob | { readonly absent: string } | Error;
type HttpGateway = 'mcp-proxy' | 'supergateway';

const SESSIONS = 4;
const LISTENING = [200, 400, 404, 405, 406];
const CONNECT_MS = 20_000;

/** `mcp-proxy`, `supergateway` and `mcp-hub`, each in front of the bench's own server, as their manuals start them. */
export class OtherGateways implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'mcp-sso-gateways-'));
  readonly #children: Child[] = [];

  constructor(private readonly upstream: string) {
    process.once('exit', () => rmSync(this.#folder, { recursive: true, force: true }));
  }

  async proxy(call: (to: Target) => LoadJob): Promise<Outcome> {
    const server = [process.execPath, programFile('stdio-upstream')];
    return await this.#overStdio('mcp-proxy', call, (port) =>
      ['--port', `${port}`, '--host', '127.0.0.1', '--server', 'stream', '--'].concat(server),
    );
  }

  async supergateway(call: (to: Target) => LoadJob): Promise<Outcome> {
    const server = `"${process.execPath}" "${programFile('stdio-upstream')}"`;
    return await this.#overStdio('supergateway', call, (port) =>
      ['--stdio', server, '--outputTransport', 'streamableHttp', '--stateful', '--logLevel', 'none'].concat([
        '--port',
        `${port}`,
      ]),
    );
  }

  /** It serves HTTP+SSE only. */
  async hub(connections: number, seconds: number): Promise<Outcome> {
    return await this.#started('mcp-hub', async (port) => {
      const config = join(this.#folder, 'mcp-hub.json');
      writeFileSync(config, JSON.stringify({ mcpServers: { bench0: { url: `${this.upstream}/bench0` } } }));
      const child = this.#spawn('mcp-hub', ['--port', `${port}`, '--config', config]);
      const url = `http://127.0.0.1:${port}`;
      await untilAnswering(child, `${url}/api/health`, LISTENING);
      await untilConnected(`${url}/api/servers`);
      return { ...oldCalling('bench0__tool_00', { url: `${url}/mcp` }, connections, seconds), sse: true };
    });
  }

  async #overStdio(
    name: HttpGateway,
    call: (to: Target) => LoadJob,
    args: (port: number) => readonly string[],
  ): Promise<Outcome> {
    return await this.#started(name, async (port) => {
      const url = `http://127.0.0.1:${port}/mcp`;
      await untilAnswering(this.#spawn(name, args(port)), url, LISTENING);
      const clients = await Promise.all(
        Array.from({ length: SESSIONS }, async () => ({ session: await openSession(url) })),
      );
      return call({ url, clients });
    });
  }

  async #started(name: keyof typeof PROGRAMS, start: (port: number) => Promise<LoadJob>): Promise<Outcome> {
    const absent = absenceOf(name);
    if (absent !== undefined) return { absent };
    try {
      return await start(await freePort());
    } catch (error) {
      return { absent: `${name} does not start here: ${errorText(error)}` };
    }
  }

  #spawn(name: keyof typeof PROGRAMS, args: readonly string[]): Child {
    const child = new Child({
      name,
      args: [PROGRAMS[name], ...args],
      env: { PATH: process.env['PATH'] ?? '', HOME: this.#folder },
      cwd: this.#folder,
      logFile: join(this.#folder, `${name}.log`),
    });
    this.#children.push(child);
    return child;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#children.map((child) => child.stop()));
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function untilConnected(url: string): Promise<void> {
  const deadline = Date.now() + CONNECT_MS;
  for (;;) {
    const text = await (await fetch(url)).text();
    if (text.includes('"connected"')) return;
    if (Date.now() > deadline) throw new Error(`it does not reach the server: ${text.slice(0, 300)}`);
    await wait(100);
  }
}
