import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { settingsFile } from '../../../demo/stack/company.js';
import { Stack } from '../../../demo/stack/stack.js';
import type { Target } from '../load/calls.js';
import type { LoadClient } from '../load/job.js';
import type { Catalog } from './catalog.js';
import { makeClients } from './clients.js';

export interface CompanyOptions {
  readonly catalog: Catalog;
  /** Address of the database; SQLite where absent. */
  readonly database?: string;
}

const SQLITE = 'sqlite:./data/mcp-sso.db';

/** The demo company with the bench's servers beside its own, and load clients that are signed in. */
export class Company implements AsyncDisposable {
  private constructor(
    readonly stack: Stack,
    readonly database: string,
    /** The same person's sign-ins: with bearer tokens, and with tokens bound to a key as the bridge has them. */
    readonly clients: { readonly bearer: readonly LoadClient[]; readonly bound: readonly LoadClient[] },
  ) {}

  static async start({ catalog, database = SQLITE }: CompanyOptions): Promise<Company> {
    const folder = mkdtempSync(join(realpathSync(tmpdir()), 'mcp-sso-bench-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    const more = { servers: catalog.servers, policies: catalog.policies.join('\n') };
    const stack = await Stack.start({ folder, logLevel: 'info', more, database });
    try {
      return new Company(stack, database, await makeClients(stack, database));
    } catch (error) {
      await stack.stop();
      throw error;
    }
  }

  /** An MCP endpoint and who calls it. */
  at(path: string, clients: readonly LoadClient[]): Target {
    const { listen, publicUrl } = this.stack.addresses;
    return { url: `http://${listen}${path}`, target: `${publicUrl}${path}`, clients };
  }

  /** Writes a configuration with these servers and policies alone, for the next start. */
  reconfigure({ servers, policies }: Catalog): void {
    const { addresses, config } = this.stack;
    const settings = settingsFile(addresses, { logLevel: 'info', database: this.database, servers });
    writeFileSync(join(config, 'mcp-sso.yaml'), settings);
    rmSync(join(config, 'policies', 'company.cedar'), { force: true });
    policies.forEach((text, index) => writeFileSync(join(config, 'policies', `bench-${index}.cedar`), text));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stack.stop();
    rmSync(this.stack.folder, { recursive: true, force: true });
  }
}
