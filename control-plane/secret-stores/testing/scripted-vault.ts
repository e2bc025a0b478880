import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly namespace: string | undefined;
}

/** Sign-in, KV version 2 and transit of a Vault, as its HTTP API is documented. Ciphertext is plaintext turned round. */
export class ScriptedVault implements AsyncDisposable {
  readonly asked: Asked[] = [];
  /** By path below `/v1/`. */
  readonly secrets = new Map<string, Record<string, unknown>>();
  readonly tokens = new Set<string>();
  renews = true;
  forbidden = false;
  sealed = false;
  deletionTime = '';
  #made = 0;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<ScriptedVault> {
    const server = createServer();
    const vault = new ScriptedVault(server);
    server.on('request', (request, response) => void vault.#answer(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return vault;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  count(path: string): number {
    return this.asked.filter((one) => one.path === path).length;
  }

  revokeAll(): void {
    this.tokens.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.server.listening) return;
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').replace(/^\/v1\//, '');
    const body: unknown = request.method === 'GET' ? undefined : await json(request);
    const namespace = request.headers['x-vault-namespace'];
    const method = request.method ?? '';
    this.asked.push({ method, path, body, namespace: Array.isArray(namespace) ? namespace[0] : namespace });
    const [status, answer] = this.#decided(path, body, request.headers['x-vault-token']);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }

  #decided(path: string, body: unknown, token: unknown): readonly [number, object] {
    if (this.sealed) return [503, { errors: ['Vault is sealed'] }];
    if (/^auth\/.+\/login$/.test(path)) return [200, this.#auth(`token-${(this.#made += 1)}`)];
    if (this.forbidden || typeof token !== 'string' || !this.tokens.has(token)) {
      return [403, { errors: ['permission denied'] }];
    }
    if (path === 'auth/token/renew-self') return this.renews ? [200, this.#auth(token)] : [400, { errors: [] }];
    if (path === 'auth/token/lookup-self') return [200, { data: { ttl: 900, renewable: true } }];
    const secret = this.secrets.get(path);
    if (secret) return [200, { data: { data: secret, metadata: { deletion_time: this.deletionTime, version: 1 } } }];
    return transit(path, body) ?? [404, { errors: [] }];
  }

  #auth(value: string): object {
    this.tokens.add(value);
    return { auth: { client_token: value, lease_duration: 900, renewable: true } };
  }
}

function turned(base64: string): string {
  return Buffer.from(Buffer.from(base64, 'base64').toReversed()).toString('base64');
}

function transit(path: string, body: unknown): readonly [number, object] | undefined {
  const [, verb, name] = /^transit\/(encrypt|decrypt)\/([\w-]+)$/.exec(path) ?? [];
  if (verb === undefined || name === undefined) return undefined;
  const { plaintext = '', ciphertext = '' } = body as { plaintext?: string; ciphertext?: string };
  if (verb === 'encrypt') {
    return [200, { data: { ciphertext: `vault:v1:${name}:${turned(plaintext)}` } }];
  }
  const [, sealed] = new RegExp(`^vault:v1:${name}:(.+)$`).exec(ciphertext) ?? [];
  if (sealed === undefined) return [400, { errors: ['invalid ciphertext'] }];
  return [200, { data: { plaintext: turned(sealed) } }];
}
