import { randomBytes } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Child, type ChildOptions } from './child.js';
import { run } from './command.js';
import { CRM_SECRET, IDP_CLIENT, IDP_SECRET_VARIABLE, settingsFile, type Addresses } from './company.js';
import { inherited } from './inherited.js';
import { freePorts } from './ports.js';
import { untilAnswering } from './ready.js';
import { ROOT } from './root.js';
import { sandboxWorks } from './sandbox.js';
import { filesServer, writeShare } from './share.js';

export interface StackOptions {
  /** An empty folder that the stack may fill. */
  readonly folder: string;
  readonly logLevel: 'debug' | 'info';
  /** Ports to take where they are free: control plane, its admin port, identity provider, crm, everything. */
  readonly preferredPorts?: readonly number[];
  /** Where a proxy of the caller's makes the control plane reachable; without it, it is reached directly. */
  readonly publicPort?: number;
  /** The same for the identity provider, told its own address before it starts. */
  readonly issuerProxy?: { readonly port: number; forwardTo(listen: string): void };
  /** More below `servers:`, more policies, and more below `identity:`. */
  readonly more?: { readonly servers: string; readonly policies: string; readonly identity?: string };
  /** Lets the company's policies stand beside the cases that they must keep; for whoever does not replace them. */
  readonly policyTests?: boolean;
  /** Address of the control plane's database; a file in its configuration directory where absent. */
  readonly database?: string;
  /** Lets the identity provider keep sign-ins, tokens and keys on disk, so that it survives its own end. */
  readonly durableIdp?: boolean;
}

const DIST = join(ROOT, 'dist');
const CONTROL_PLANE = join(DIST, 'control-plane', 'main.js');
const POLICIES = join(ROOT, 'demo', 'stack', 'policies');

/** The demo company as real processes: identity provider, two MCP servers, control plane. */
export class Stack {
  readonly addresses: Addresses;
  readonly folder: string;
  /** The configuration directory of the control plane. */
  readonly config: string;
  readonly apiKey = `crm_${randomBytes(24).toString('base64url')}/+%`;
  readonly idpSecret = randomBytes(24).toString('base64url');
  /** Whether the hosted server runs in a sandbox. */
  sandbox = false;
  /** One JSON line for each request that the CRM received. */
  readonly crmLog: string;
  readonly #logLevel: StackOptions['logLevel'];
  readonly #more: NonNullable<StackOptions['more']>;
  readonly #database: string;
  readonly #durableIdp: boolean;
  readonly #idpPort: number;
  readonly #policyTests: boolean;
  readonly #children = new Map<string, Child>();

  private constructor(options: StackOptions, addresses: Addresses) {
    const { issuerProxy } = options;
    this.#idpPort = Number(new URL(addresses.issuer).port);
    issuerProxy?.forwardTo(`127.0.0.1:${this.#idpPort}`);
    this.addresses = issuerProxy ? { ...addresses, issuer: `http://localhost:${issuerProxy.port}` } : addresses;
    this.folder = options.folder;
    this.config = join(options.folder, 'config');
    this.crmLog = join(options.folder, 'crm-requests.jsonl');
    this.#logLevel = options.logLevel;
    this.#more = options.more ?? { servers: '', policies: '' };
    this.#database = options.database ?? 'sqlite:./data/mcp-sso.db';
    this.#durableIdp = options.durableIdp ?? false;
    this.#policyTests = options.policyTests ?? false;
  }

  /** Starts everything; what was started is stopped again where one part fails. */
  static async start(options: StackOptions): Promise<Stack> {
    const ports = await freePorts(options.preferredPorts ?? [0, 0, 0, 0, 0]);
    const stack = new Stack(options, addressesOn(ports, options.publicPort));
    try {
      await stack.configure();
      await Promise.all([stack.startIdp(), stack.#startCrm(), stack.#startEverything()]);
      await stack.startControlPlane();
      return stack;
    } catch (error) {
      await stack.stop();
      throw error;
    }
  }

  /** Writes the configuration and puts the CRM's API key into the encrypted store, as an administrator does. */
  private async configure(): Promise<void> {
    mkdirSync(join(this.folder, 'logs'), { recursive: true, mode: 0o700 });
    writeFileSync(this.crmLog, '', { mode: 0o600 });
    await this.administer(['init', '--config', this.config]);
    const policies = join(this.config, 'policies');
    rmSync(policies, { recursive: true, force: true });
    mkdirSync(policies);
    const share = join(this.folder, 'share');
    writeShare(share);
    this.sandbox = await sandboxWorks(process.env['PATH'] ?? '');
    const servers = filesServer(share, this.sandbox) + this.#more.servers;
    const { identity = '' } = this.#more;
    const settings = { logLevel: this.#logLevel, database: this.#database, servers, identity };
    writeFileSync(join(this.config, 'mcp-sso.yaml'), settingsFile(this.addresses, settings));
    const written = readFileSync(join(POLICIES, 'company.cedar'), 'utf8');
    writeFileSync(join(policies, 'company.cedar'), written + this.#more.policies);
    if (this.#policyTests) copyFileSync(join(POLICIES, 'company.test.yaml'), join(policies, 'company.test.yaml'));
    chmodSync(this.config, 0o700);
    await this.administer(['secret', 'set', CRM_SECRET, '--config', this.config], this.apiKey);
  }

  /** Runs a command of the control plane; rejects with what it said where it fails. */
  async administer(args: readonly string[], input?: string): Promise<string> {
    const options = { cwd: this.folder, env: this.#environment(), ...(input === undefined ? {} : { input }) };
    const { code, stdout, stderr } = await run(process.execPath, [CONTROL_PLANE, ...args], options);
    if (code !== 0) throw new Error(`mcp-sso-control-plane ${args.join(' ')} failed (${code}):\n${stdout}${stderr}`);
    return stdout;
  }

  /** Starts it, or starts it again where it runs. `inside`: a command that runs it, such as a sandbox with its options. */
  async startControlPlane(inside: readonly string[] = []): Promise<void> {
    await this.stopControlPlane();
    const args = [CONTROL_PLANE, 'start', '--config', this.config];
    const child = this.#start('control-plane', args, {}, { ipc: false, inside });
    await untilAnswering(child, `http://${this.addresses.listen}/readyz`, [200]);
  }

  /** Resolves to how it ended. */
  async stopControlPlane(signal: NodeJS.Signals = 'SIGTERM'): Promise<string> {
    return (await this.#children.get('control-plane')?.stop(signal)) ?? 'not running';
  }

  /** Resolves to how it ended. */
  async stopIdp(signal: NodeJS.Signals = 'SIGTERM'): Promise<string> {
    return (await this.#children.get('idp')?.stop(signal)) ?? 'not running';
  }

  /** Someone leaves the company, or changes groups or names: told to the identity provider only. */
  async changePerson(
    person: string,
    change: { active?: boolean; groups?: string[]; name?: string; email?: string },
  ): Promise<void> {
    await this.#children.get('idp')?.tell({ person, change });
  }

  /** What the CRM says of one of its tools from now on; without a description, what it said at first. */
  async describeTool(tool: string, description?: string): Promise<void> {
    await this.#children.get('crm')?.tell({ tool, description });
  }

  /** Someone signs out at the identity provider, which tells the control plane. */
  async signOut(person: string): Promise<void> {
    await this.#children.get('idp')?.tell({ person, signOut: true });
  }

  /** The process groups of everything that runs. */
  groups(): number[] {
    return [...this.#children.values()].flatMap(({ running, group }) =>
      running && group !== undefined ? [group] : [],
    );
  }

  /** The first process that ends. */
  firstDeath(): Promise<Child> {
    return Promise.race([...this.#children.values()].map((child) => child.exited.then(() => child)));
  }

  logFile(name: 'control-plane' | 'idp' | 'crm' | 'everything'): string {
    return join(this.folder, 'logs', `${name}.log`);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#children.values()].map((child) => child.stop()));
  }

  /** Starts it, or starts it again where it runs. */
  async startIdp(): Promise<void> {
    await this.stopIdp();
    const { issuer, publicUrl } = this.addresses;
    const child = this.#start('idp', [join(DIST, 'demo', 'idp', 'main.js')], {
      PORT: String(this.#idpPort),
      ISSUER: issuer,
      CLIENT_ID: IDP_CLIENT,
      CLIENT_SECRET: this.idpSecret,
      REDIRECT_URI: `${publicUrl}/auth/callback`,
      ...(this.#durableIdp ? { STATE_FILE: join(this.folder, 'idp.db') } : {}),
    });
    await untilAnswering(child, `${issuer}/.well-known/openid-configuration`, [200]);
  }

  async #startCrm(): Promise<void> {
    const { crm } = this.addresses;
    const child = this.#start('crm', [join(DIST, 'demo', 'crm', 'main.js')], {
      PORT: new URL(crm).port,
      CRM_API_KEY: this.apiKey,
      REQUEST_LOG: this.crmLog,
    });
    await untilAnswering(child, crm, [401]);
  }

  async #startEverything(): Promise<void> {
    const { everything } = this.addresses;
    const child = this.#start(
      'everything',
      [
        '--import',
        join(DIST, 'demo', 'everything', 'loopback-only.js'),
        join(ROOT, 'node_modules', '.bin', 'mcp-server-everything'),
        'streamableHttp',
      ],
      { PORT: new URL(everything).port },
    );
    await untilAnswering(child, everything, [400, 405]);
  }

  #start(
    name: Parameters<Stack['logFile']>[0],
    args: string[],
    env: Record<string, string>,
    how: Pick<ChildOptions, 'ipc' | 'inside'> = { ipc: true },
  ): Child {
    const child = new Child({
      name,
      args,
      env: { ...this.#environment(), ...env },
      cwd: this.folder,
      logFile: this.logFile(name),
      ...how,
    });
    this.#children.set(name, child);
    return child;
  }

  /** What every process gets; the identity provider's secret is for the control plane and known to the provider anyway. */
  #environment(): Record<string, string> {
    return { ...inherited(), HOME: this.folder, [IDP_SECRET_VARIABLE]: this.idpSecret };
  }
}

/** The identity provider is called localhost, the rest 127.0.0.1: two sites to a browser, as in a real company. */
function addressesOn(ports: readonly number[], publicPort?: number): Addresses {
  const [main, admin, idp, crm, everything] = ports;
  return {
    publicUrl: `http://127.0.0.1:${publicPort ?? main}`,
    listen: `127.0.0.1:${main}`,
    adminListen: `127.0.0.1:${admin}`,
    issuer: `http://localhost:${idp}`,
    crm: `http://127.0.0.1:${crm}/mcp`,
    everything: `http://127.0.0.1:${everything}/mcp`,
  };
}
