import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { settingsSchema, type LoadedConfig } from '../../config/settings.js';
import { Logger } from '../../observability/logger.js';
import { Metrics } from '../../observability/metrics.js';
import type { StorageService } from '../../storage/storage.service.js';
import { MessagingService } from '../messaging.service.js';

export const WEBHOOK_SECRET = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;

/** The service of one control plane, without the rest of it. Its timers run only once it was started. */
export class TestMessaging {
  readonly service: MessagingService;
  readonly metrics = new Metrics();
  readonly #log = new PassThrough();

  constructor(storage: StorageService, notifications: object) {
    const settings = settingsSchema.parse({
      publicUrl: 'https://mcp.acme.test',
      identity: { providers: {} },
      servers: {},
      notifications,
    });
    const environment = { HOOK_SECRET: WEBHOOK_SECRET, MAIL_PASSWORD: 'mail-password-0123' };
    const config: LoadedConfig = {
      directory: '/nowhere',
      settings,
      policyFiles: [],
      masterKey: Buffer.alloc(32),
      environment,
    };
    this.service = new MessagingService(config, storage, new Logger('info', this.#log), this.metrics);
  }

  /** Stops it; the events of its log, oldest first, with all that was written. */
  async stopped(): Promise<{ readonly events: readonly string[]; readonly log: string }> {
    await this.service.beforeApplicationShutdown();
    this.#log.end();
    const log = await text(this.#log);
    const lines = log.split('\n').filter((line) => line !== '');
    return { events: lines.map((line) => (JSON.parse(line) as { event: string }).event), log };
  }
}
