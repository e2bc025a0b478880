import { join } from 'node:path';
import { Laptop } from '../../demo/walk/laptop.js';
import { BlockDevice } from '../support/block-device.js';
import type { Engine } from '../support/installation.js';
import { PostgresServer } from '../support/postgres-server.js';
import { Testbed } from './testbed.js';

/** Of a server on a small disk. */
const SMALL = ['max_wal_size=64MB', 'min_wal_size=32MB', 'shared_buffers=32MB'];

/** A testbed whose database has a disk of its own, and somebody who watches over the log. */
export class TestbedOnDevice implements AsyncDisposable {
  readonly #parts: AsyncDisposableStack;
  readonly #auditor: Laptop;

  private constructor(
    parts: AsyncDisposableStack,
    auditor: Laptop,
    readonly testbed: Testbed,
    readonly device: BlockDevice,
    readonly postgres: PostgresServer | undefined,
  ) {
    this.#parts = parts;
    this.#auditor = auditor;
  }

  /** `mebibytes`: of the disk. Resolves when everybody calls. */
  static async open(engine: Engine, seed: number, mebibytes: number): Promise<TestbedOnDevice> {
    await using parts = new AsyncDisposableStack();
    const device = parts.use(new BlockDevice(mebibytes));
    const parent = device.folder;
    const postgres = engine === 'postgres' ? await PostgresServer.start({ parent, settings: SMALL }) : undefined;
    parts.use(postgres);
    const testbed = parts.use(await Testbed.open(seed, postgres, join(parent, 'data', 'mcp-sso.db')));
    const auditor = new Laptop('dave', testbed.stack.folder);
    await auditor.login(testbed.stack.addresses.publicUrl);
    for (const app of testbed.apps) app.start();
    await Promise.all(testbed.apps.map((app) => app.succeeding()));
    return new TestbedOnDevice(parts.move(), auditor, testbed, device, postgres);
  }

  /** Resolves when everybody has succeeded anew. */
  async succeeding(): Promise<void> {
    await Promise.all(this.testbed.apps.map((app) => app.succeeding()));
  }

  /** Rejects unless the log is whole and goes on from where this verified it before. */
  async verify(): Promise<void> {
    await this.#auditor.ask('audit', 'verify');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.disposeAsync();
  }
}
