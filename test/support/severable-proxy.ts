import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  /** What the client sent first, which names it. */
  greeting: string;
}

/** A TCP proxy in front of PostgreSQL that can swallow what some connections carry, as a dead network does: nobody is told. */
export class SeverableProxy implements AsyncDisposable {
  readonly #pairs = new Set<Pair>();
  readonly #server = createServer((client) => this.#join(client));
  #severed: string | undefined;

  private constructor(private readonly target: URL) {}

  static async to(url: string): Promise<SeverableProxy> {
    const proxy = new SeverableProxy(new URL(url));
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  /** The database's address through the proxy. */
  get url(): string {
    const url = new URL(this.target);
    url.host = `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return url.href;
  }

  /** From now on nothing passes on connections whose greeting holds `text`, old and new ones. An empty text means all. */
  sever(text: string): void {
    this.#severed = text;
  }

  /** New connections pass again; those that were silent break. */
  mend(): void {
    for (const pair of this.#pairs) if (this.#isSevered(pair)) destroy(pair);
    this.#severed = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const pair of this.#pairs) destroy(pair);
    this.#server.close();
    await once(this.#server, 'close');
  }

  #isSevered({ greeting }: Pair): boolean {
    return this.#severed !== undefined && greeting.includes(this.#severed);
  }

  #join(client: Socket): void {
    const server = connect(Number(this.target.port), this.target.hostname);
    const pair: Pair = { client, server, greeting: '' };
    this.#pairs.add(pair);
    client.once('data', (first: Buffer) => (pair.greeting = first.toString('latin1')));
    this.#pass(pair, client, server);
    this.#pass(pair, server, client);
  }

  #pass(pair: Pair, from: Socket, to: Socket): void {
    from.on('data', (chunk: Buffer) => void (this.#isSevered(pair) || to.write(chunk)));
    from.on('error', () => undefined);
    from.on('close', () => {
      if (this.#isSevered(pair)) return;
      this.#pairs.delete(pair);
      to.destroy();
    });
  }
}

function destroy({ client, server }: Pair): void {
  client.destroy();
  server.destroy();
}
