import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { asCoded, errorText } from '#shared/errors.js';
import { AuditService } from '../audit/audit.service.js';
import type { AuditWriter } from '../audit/record.js';
import { CONFIG } from '../config/config.module.js';
import { faultText } from '../config/fault-text.js';
import { readDirectory, type DirectoryTexts } from '../config/read-directory.js';
import type { Fault, LoadedConfig } from '../config/settings.js';
import { Logger, shown } from '../observability/logger.js';
import { Leadership } from '../storage/leadership/leadership.js';
import { FILES } from './activation-log.js';
import { CatalogService } from './catalog.service.js';
import { coalesced } from './coalesced.js';
import { formatContent, hashContent } from './content.js';
import { nextStep, type Candidate } from './directory-step.js';
import { restartOnly } from './restart-only.js';
import { RevisionStore } from './revision-store.js';
import { CatalogValidation } from './validation.js';

/** Milliseconds between two readings, of which two must agree: a file that is being written changes. */
const EVERY = 2_000;
const AT_ONCE = 200;
/** How long a start waits to lead. */
const START = 2_000;
/** A refused directory may be mended by what is not in it: a secret's file, a program. */
const JUDGE_AGAIN = 10_000;
/** How long control planes may have different directories, as during a roll-out, before one warns. */
const PATIENCE = 30_000;
const MAX_FAULTS = 20;

/** With `catalog.source: files`: the leader applies a changed directory; a bad one is refused in words and changes nothing. */
@Injectable()
export class DirectoryFollower implements BeforeApplicationShutdown {
  readonly look = coalesced(() => this.#look());
  #timer: NodeJS.Timeout | undefined;
  #stopping = false;
  #reading: string | undefined;
  #judged: string | undefined;
  #refused: { readonly reading: string; at: number; readonly note: string } | undefined;
  #restart: readonly string[] = [];
  #candidate: Candidate | undefined;
  #said: string | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: LoadedConfig,
    @Inject(CatalogService) private readonly catalog: CatalogService,
    @Inject(RevisionStore) private readonly store: RevisionStore,
    @Inject(CatalogValidation) private readonly validation: CatalogValidation,
    @Inject(Leadership) private readonly leadership: Leadership,
    @Inject(AuditService) private readonly audit: AuditWriter,
    @Inject(Logger) private readonly logger: Logger,
  ) {}

  /** The directory that the process was started with counts as read and judged. */
  async start(): Promise<void> {
    if (this.config.settings.catalog.source !== 'files') return;
    const leading = Promise.withResolvers<void>();
    this.leadership.onGained('catalog', () => {
      leading.resolve();
      void this.look();
    });
    await this.#consider(this.config);
    if (!this.leadership.holds('catalog')) {
      // A control plane that is alone starts with what its directory says now.
      await Promise.race([leading.promise, delay(START, undefined, { ref: false })]);
    }
    await this.#step();
    this.#timer = setInterval(() => void this.look(), EVERY).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopping = true;
    await this.look();
  }

  /** Reads the directory at once, and judges it again even if nothing in it changed. */
  async reload(): Promise<void> {
    if (this.config.settings.catalog.source !== 'files') {
      this.logger.warn('catalog.directory-ignored', { why: shown('catalog.source is api') });
      return;
    }
    this.#judged = undefined;
    await this.look();
    await delay(AT_ONCE);
    await this.look();
  }

  /** What an operator should know: why the directory is not in force, and what waits for a restart. */
  get notes(): string[] {
    return [...(this.#refused ? [this.#refused.note] : []), ...this.#restart.map(restartNote)];
  }

  async #look(): Promise<void> {
    if (this.#stopping) return;
    try {
      const texts = await readDirectory(this.config.directory);
      const reading = readingOf(texts);
      const settled = reading === this.#reading;
      this.#reading = reading;
      if (!settled) return;
      const again = this.#refused !== undefined && Date.now() - this.#refused.at >= JUDGE_AGAIN;
      if (reading !== this.#judged || again) await this.#judge(texts, reading);
      await this.#step();
    } catch (error) {
      this.#say('error', 'catalog.directory-not-followed', errorText(error));
    }
  }

  async #judge(texts: DirectoryTexts, reading: string): Promise<void> {
    const { config, faults } = await this.validation.directory(texts);
    if (config) await this.#accept(config);
    else await this.#refuse(reading, faults);
    // Only now: what the database has kept from being dealt with is judged again.
    this.#judged = reading;
  }

  async #accept(config: LoadedConfig): Promise<void> {
    this.#refused = undefined;
    await this.#consider(config);
    this.#noteRestart(restartOnly(this.config.settings, config.settings));
  }

  async #consider({ settings, policyFiles }: LoadedConfig): Promise<void> {
    const text = formatContent({ servers: settings.servers, roles: settings.roles, policyFiles });
    const sha256 = hashContent(text);
    // Not a change, also where the directory was bad in between.
    if (sha256 === this.#candidate?.sha256) return;
    const applied = (await this.store.pointer())?.appliedSha256 ?? null;
    this.#candidate = { text, sha256, against: applied, since: Date.now() };
    this.logger.debug('catalog.directory-read', { sha256: shown(sha256) });
  }

  async #step(): Promise<void> {
    if (this.#refused) return;
    const pointer = await this.store.pointer();
    if (!this.#candidate || !pointer) return;
    const leads = this.leadership.holds('catalog');
    const step = nextStep(this.#candidate, { applied: pointer.appliedSha256, leads });
    this.#candidate = step.candidate;
    if (step.does === 'apply') {
      await this.#apply(step.candidate, pointer.number);
    } else if (step.does === 'differ' && Date.now() - step.candidate.since >= PATIENCE) {
      this.#say('warn', 'catalog.directory-differs', `revision ${pointer.number} was made of another directory`);
    }
  }

  async #apply(candidate: Candidate, parent: number): Promise<void> {
    try {
      await this.catalog.add(FILES, { parent, text: candidate.text, source: 'files' });
      this.#candidate = { ...candidate, against: candidate.sha256 };
    } catch (error) {
      // Somebody was faster: the next look sees what they made.
      if (asCoded(error).code !== 'catalog_stale') throw error;
    }
  }

  async #refuse(reading: string, faults: readonly Fault[]): Promise<void> {
    const known = this.#refused?.reading === reading;
    const [first] = faults;
    const where = first ? `${first.file}:${first.line}:${first.column} ${first.key}` : '';
    const note = `The directory is not applied. Faults: ${faults.length}, the first at ${where}.`;
    this.#refused = { reading, at: Date.now(), note };
    if (known) return;
    for (const fault of faults.slice(0, MAX_FAULTS))
      this.logger.error('catalog.fault', { fault: shown(faultText(fault)) });
    this.logger.error('catalog.refused', { faults: shown(faults.length), note: shown(note) });
    if (!this.leadership.holds('catalog')) return;
    const facts = { target: 'directory', sha256: reading, code: 'config_invalid' };
    await this.audit.write({ ...FILES, type: 'catalog.refuse', phase: 'event', facts: { ...FILES.facts, ...facts } });
  }

  #noteRestart(keys: readonly string[]): void {
    const said = new Set(this.#restart);
    for (const key of keys) {
      if (!said.has(key)) this.logger.warn('catalog.restart-needed', { note: shown(restartNote(key)) });
    }
    this.#restart = keys;
  }

  /** Once for each thing that there is to say, not at every look. */
  #say(level: 'warn' | 'error', event: string, why: string): void {
    if (this.#said === `${event} ${why}`) return;
    this.#said = `${event} ${why}`;
    this.logger[level](event, { why: shown(why) });
  }
}

function restartNote(key: string): string {
  return `${key} changed in mcp-sso.yaml; restart to apply it.`;
}

function readingOf(texts: DirectoryTexts): string {
  return createHash('sha256').update(JSON.stringify(texts)).digest('hex');
}
