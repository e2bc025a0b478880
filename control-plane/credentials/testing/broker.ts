import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { settingsSchema } from '../../config/settings.js';
import { openDatabase } from '../../storage/open-database.js';
import { StorageService } from '../../storage/storage.service.js';
import type { CredentialResolver } from '../credential-scope.js';
import { CredentialsService } from '../credentials.service.js';
import { CRM } from './authorization-server.js';

/** Somebody who asks. */
export const ALICE = { id: 'ses_alice', groups: ['okta/engineering'] };

const NO_CONNECTIONS = { tokenFor: () => Promise.reject(new Error('there are none')) };
/** Nothing here names a person. */
const NO_ASSERTIONS = { open: () => Promise.reject(new Error('no assertions here')) };

/** The credentials' service as it runs, with one server `crm`, on a database of its own. */
export class Broker implements AsyncDisposable {
  private constructor(
    readonly resolver: CredentialResolver,
    private readonly storage: StorageService,
    private readonly directory: string,
  ) {}

  /** @param crm its settings, beside the url. */
  static async open(crm: object, environment: Readonly<Record<string, string>> = {}): Promise<Broker> {
    const directory = await mkdtemp(join(tmpdir(), 'mcp-sso-broker-'));
    const storage = new StorageService(await openDatabase('sqlite:./c.db', directory), Buffer.alloc(32, 1));
    const settings = settingsSchema.parse({
      // Where the authorization servers of the tests are.
      privateNetworks: ['127.0.0.0/8'],
      publicUrl: 'https://mcp.acme.example',
      identity: { providers: {} },
      servers: { crm: 'command' in crm ? crm : { url: CRM, ...crm } },
    });
    const config = { directory, settings, policyFiles: [], masterKey: Buffer.alloc(32, 1), environment };
    const service = new CredentialsService(config, storage, NO_CONNECTIONS, NO_ASSERTIONS);
    return new Broker(service.at(settings.servers), storage, directory);
  }

  /** What opens the server for a call of this tool. */
  resolve(tool?: string): ReturnType<CredentialResolver['resolve']> {
    return this.resolver.resolve({ server: 'crm', session: ALICE, tool });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.storage.onApplicationShutdown();
    await rm(this.directory, { recursive: true });
  }
}
