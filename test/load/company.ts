import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent } from 'undici';
import { PATHS } from '#shared/api/paths.js';
import { freePorts } from '../../demo/stack/ports.js';
import { Stack } from '../../demo/stack/stack.js';
import { Laptop } from '../../demo/walk/laptop.js';
import { INSPECTABLE } from '../support/inspector.js';
import { signIn } from '../support/person.js';
import { everythingAt } from '../support/policies.js';
import { BridgeSession } from './bridge-session.js';
import { HttpSession } from './http-session.js';
import { LegacySession } from './legacy-session.js';
import type { LoadSession } from './load-session.js';
import { ModernSession } from './modern-session.js';
import type { SessionPlan } from './session-plan.js';
import { UPSTREAM, UpstreamProcess } from './upstream-process.js';

const SERVERS = ['modern', 'legacy', 'sse', 'hosted'];

/** The demo company with upstreams that stream, and any number of AI apps. */
export class LoadCompany implements AsyncDisposable {
  readonly #agent = new Agent({ connections: null });

  private constructor(
    readonly stack: Stack,
    readonly upstreams: readonly UpstreamProcess[],
    /** What the upstreams wrote down; see `receivedCalls`. */
    readonly received: string,
    /** In the command line of every hosted server. */
    readonly mark: string,
  ) {}

  /** Starts everything. The control plane can be inspected. */
  static async open(database?: string): Promise<LoadCompany> {
    const folder = mkdtempSync(join(realpathSync(tmpdir()), 'mcp-sso-load-'));
    const notes = join(folder, 'notes');
    mkdirSync(notes);
    const received = join(notes, 'received.jsonl');
    const mark = `mark-${randomUUID()}`;
    const ports = await freePorts([0, 0, 0]);
    const upstreams = ['modern', 'legacy', 'sse'].map(
      (name, index) => new UpstreamProcess(name, ports[index]!, folder, received),
    );
    const stack = await Stack.start({
      folder,
      logLevel: 'info',
      more: { servers: settings(ports, notes, received, mark), policies: POLICIES },
      ...(database === undefined ? {} : { database }),
    });
    const company = new LoadCompany(stack, upstreams, received, mark);
    try {
      await stack.startControlPlane(['/usr/bin/env', INSPECTABLE]);
      await Promise.all(upstreams.map((upstream) => upstream.start()));
      return company;
    } catch (error) {
      await company[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** A real sign-in, and the app that uses it. */
  async join(name: string, { kind, person, endpoint, listens }: SessionPlan): Promise<LoadSession> {
    const { folder, addresses } = this.stack;
    if (kind === 'bridge') {
      const home = join(folder, name);
      mkdirSync(home);
      const laptop = new Laptop(person, home);
      await laptop.login(addresses.publicUrl);
      return new BridgeSession(name, laptop);
    }
    const url = `${addresses.publicUrl}${PATHS.mcp}${endpoint === undefined ? '' : `/${endpoint}`}`;
    const http = new HttpSession(url, await signIn(this.stack, person), this.#agent);
    const aggregated = endpoint === undefined;
    return kind === 'modern'
      ? new ModernSession(name, http, aggregated)
      : LegacySession.open(name, http, { aggregated, listens });
  }

  /** The apps let go of the connections that they kept. */
  async closeConnections(): Promise<void> {
    await this.#agent.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([
      this.closeConnections(),
      this.stack.stop(),
      ...this.upstreams.map((upstream) => upstream.kill()),
    ]);
    rmSync(this.stack.folder, { recursive: true, force: true });
  }
}

/** The people are few and their sessions many, so the bounds for one person are out of the way. */
function settings([modern, legacy, sse]: readonly number[], notes: string, received: string, mark: string): string {
  return `  modern:
    url: http://127.0.0.1:${modern}/modern
  legacy:
    url: http://127.0.0.1:${legacy}/legacy
  sse:
    url: http://127.0.0.1:${sse}/sse
    transport: sse
  hosted:
    command: ${JSON.stringify([process.execPath, UPSTREAM, received, 'stdio', mark])}
    read: [${UPSTREAM}]
    write: [${notes}]

limits:
  callsPerPerson: 2000
  callsPerServer: 2000
`;
}

const POLICIES = SERVERS.map(everythingAt).join('');
