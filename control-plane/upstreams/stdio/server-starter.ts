import type { JsonObject } from '#shared/mcp/json-rpc.js';
import type { HostedSettings, LoadedConfig } from '../../config/settings.js';
import { shown, type Logger } from '../../observability/logger.js';
import { EraBook } from '../era-book.js';
import type { UpstreamLimits } from '../limits.js';
import type { UpstreamScope } from '../upstream-request.js';
import { greet, probe, type Greeting } from './greeting.js';
import { HeldBytes } from './held-bytes.js';
import { LastWords } from './last-words.js';
import { launchOf, type Launch } from './launch.js';
import { ServerProcess } from './server-process.js';
import { SpokenLines } from './spoken-lines.js';

/** A process that has greeted us. */
export interface Running extends Greeting {
  readonly process: ServerProcess;
}

type Starting = Pick<UpstreamScope, 'server' | 'access' | 'client'>;

/** Starts processes, finds out which revision they speak, and knows every one that lives. */
export class ServerStarter {
  readonly spoken = new SpokenLines();
  readonly #processes = new Set<ServerProcess>();
  readonly #eras: EraBook;
  readonly #waiting: HeldBytes;

  constructor(
    private readonly config: Pick<LoadedConfig, 'directory' | 'environment'>,
    private readonly limits: UpstreamLimits,
    private readonly logger: Logger,
  ) {
    this.#eras = new EraBook(limits.legacyVerdict);
    this.#waiting = new HeldBytes(limits.waiting);
  }

  /** Resolves when the server has greeted us; where it does not, its process has ended again. */
  async start(scope: Starting, settings: HostedSettings): Promise<Running> {
    const launch = await launchOf(settings, scope.access, this.config);
    const run = (): ServerProcess => this.#run(scope, settings, launch);
    let first: { readonly process: ServerProcess; readonly result: JsonObject | undefined } | undefined;
    const era = await this.#eras.of(settings, async () => {
      const process = run();
      const probed = await probe(process.peer, this.limits.hosted.probe);
      // Some servers end on any question before initialize; then this process was for finding that out.
      process.stopping = !process.alive;
      if (process.alive) first = { process, result: probed.result };
      return probed.era;
    });
    const process = first?.process ?? run();
    try {
      if (first?.result) return { process, era, description: first.result };
      const greeting = await greet(process.peer, era, scope.client, this.limits.hosted.start);
      if (greeting.era !== era) this.#eras.forget(settings);
      return { process, ...greeting };
    } catch (error) {
      this.#eras.forget(settings);
      await process.stop();
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#processes].map((process) => process.stop()));
  }

  #run({ server, access }: Starting, { shared }: HostedSettings, launch: Launch): ServerProcess {
    const words = new LastWords(server, access.mask, this.logger);
    const process: ServerProcess = new ServerProcess(launch, {
      limits: this.limits,
      shared,
      waiting: this.#waiting,
      onText: (line) => {
        words.add(line);
        this.spoken.add(server, process.pid, line, access.mask);
      },
    });
    this.#processes.add(process);
    this.logger.info('upstreams.server-started', { server: shown(server), pid: shown(process.pid) });
    void this.#reportEnd(server, process, words);
    return process;
  }

  async #reportEnd(server: string, process: ServerProcess, words: LastWords): Promise<void> {
    const how = await process.ended;
    this.#processes.delete(process);
    const fields = { server: shown(server), pid: shown(process.pid), how: shown(how) };
    if (process.stopping) this.logger.info('upstreams.server-ended', fields);
    else this.logger.warn('upstreams.server-failed', { ...fields, lastWords: shown(words.text) });
  }
}
