import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { CallOutcome } from '#shared/api/policies.js';
import { asCoded, errorText } from '#shared/errors.js';
import { ActiveCatalog } from '../catalog/active-catalog.js';
import { CONFIG } from '../config/config.module.js';
import type { LoadedConfig, PolicyFile } from '../config/settings.js';
import { Logger, shown } from '../observability/logger.js';
import { CandidateEngine } from '../policy/candidate/candidate-engine.js';
import { DefinitionsService } from '../policy/definitions/definitions.service.js';
import { PolicyService, type DecidedCall } from '../policy/policy.service.js';
import { writeInput } from '../policy/recorded-input.js';
import { Notifications } from '../storage/notifications/notifications.js';
import { StorageService } from '../storage/storage.service.js';
import { candidateOfFiles } from './candidate-of.js';
import {
  countDifferences,
  endCandidates,
  lastCandidate,
  listDifferences,
  storeCandidate,
  storedTarget,
  type CountedDifference,
  type StoredCandidate,
} from './candidate-rows.js';

interface UnderWay {
  readonly id: string;
  readonly engine: CandidateEngine;
}

interface Queued {
  readonly record: string;
  readonly outcome: CallOutcome;
  readonly person: string;
  readonly server: string;
  readonly target: string;
  readonly text: string;
}

/** Calls that wait, and UTF-16 units that one of them may have: together what this may take of the memory. */
const MAX_WAITING = 500;
const MAX_TEXT = 20_000;
const BATCH = 50;

export interface ShadowState {
  readonly candidate: StoredCandidate | undefined;
  readonly differences: readonly CountedDifference[];
  readonly compared: number;
  readonly dropped: number;
  readonly fault: string | undefined;
}

/** A candidate beside the policies in force: it decides every call too, later and in a thread of its own, and changes nothing. */
@Injectable()
export class ShadowService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  #underWay: UnderWay | undefined;
  #waiting: Queued[] = [];
  #draining: Promise<void> | undefined;
  #following: Promise<void> = Promise.resolve();
  #compared = 0;
  #dropped = 0;
  #fault: string | undefined;

  constructor(
    @Inject(CONFIG) readonly config: LoadedConfig,
    @Inject(ActiveCatalog) readonly catalog: ActiveCatalog,
    @Inject(DefinitionsService) readonly definitions: DefinitionsService,
    @Inject(PolicyService) private readonly policy: PolicyService,
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(Notifications) private readonly notifications: Notifications,
    @Inject(Logger) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.policy.onDecided((call) => this.offer(call));
    this.notifications.subscribe('candidate', () => this.#follow());
    this.notifications.onGap(() => this.#follow());
    this.#follow();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#following;
    await this.#leave();
  }

  /** Throws `config_invalid` for policies with faults. */
  async start(files: readonly PolicyFile[], author: string, message: string | null): Promise<void> {
    await using _checked = await CandidateEngine.start(candidateOfFiles(this, files));
    await this.notifications.publish({ topic: 'candidate', id: '' }, (transaction) =>
      storeCandidate(transaction, this.storage, { files, author, message }, Date.now()),
    );
    await this.#following;
  }

  /** Ends whatever is under way. */
  async stop(): Promise<void> {
    await this.notifications.publish({ topic: 'candidate', id: '' }, (transaction) =>
      endCandidates(transaction, Date.now()),
    );
    await this.#following;
  }

  async state(): Promise<ShadowState> {
    await this.#following;
    await this.#draining;
    const candidate = await lastCandidate(this.storage.db, this.storage);
    const differences = candidate === undefined ? [] : await listDifferences(this.storage.db, candidate.id);
    return { candidate, differences, compared: this.#compared, dropped: this.#dropped, fault: this.#fault };
  }

  /** The call was answered for long: this must not throw. */
  offer({ record, input, readings, outcome }: DecidedCall): void {
    if (this.#underWay === undefined) return;
    const text = this.#waiting.length < MAX_WAITING ? writeInput(input, readings, [[]]) : '';
    if (text === '' || text.length > MAX_TEXT) {
      this.#dropped += 1;
      return;
    }
    const { person, server, target } = input;
    this.#waiting.push({ record, outcome, person: person.id, server, target: storedTarget(target.name), text });
    this.#draining ??= this.#drain().finally(() => (this.#draining = undefined));
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0 && this.#underWay !== undefined) {
      const { id, engine } = this.#underWay;
      const calls = this.#waiting.splice(0, BATCH);
      try {
        await this.#compare(id, engine, calls);
      } catch (error) {
        this.#dropped += calls.length;
        await this.#giveUp(id, error);
      }
    }
    this.#waiting = [];
  }

  async #compare(id: string, engine: CandidateEngine, calls: readonly Queued[]): Promise<void> {
    const decided = await engine.decide(calls.map(({ text }) => text));
    const found = new Map<string, CountedDifference>();
    for (const [index, { person, server, target, outcome: live, record }] of calls.entries()) {
      const again = decided[index];
      if (again?.kind !== 'decided' || again.outcome === live) continue;
      const key = JSON.stringify([person, server, target, live, again.outcome]);
      const count = (found.get(key)?.calls ?? 0) + 1;
      found.set(key, { person, server, target, live, candidate: again.outcome, calls: count, last: record });
    }
    this.#compared += calls.length;
    await countDifferences(this.storage.db, id, [...found.values()], Date.now());
  }

  /** One after the other, so that the last notice wins. */
  #follow(): void {
    this.#following = this.#following
      .then(() => this.#adopt())
      .catch((error: unknown) => {
        this.logger.warn('policy.candidate-unread', { detail: shown(errorText(error)) });
      });
  }

  async #adopt(): Promise<void> {
    const candidate = await lastCandidate(this.storage.db, this.storage);
    const id = candidate?.endedAt === null ? candidate.id : undefined;
    if (this.#underWay?.id === id) return;
    await this.#leave();
    if (candidate === undefined || id === undefined) return;
    this.#compared = 0;
    this.#dropped = 0;
    this.#fault = undefined;
    try {
      this.#underWay = { id, engine: await CandidateEngine.start(candidateOfFiles(this, candidate.files)) };
    } catch (error) {
      await this.#giveUp(id, error);
    }
  }

  async #leave(): Promise<void> {
    const left = this.#underWay;
    this.#underWay = undefined;
    await this.#draining;
    await left?.engine[Symbol.asyncDispose]();
  }

  /** A candidate that breaks its engine ends for all. */
  async #giveUp(id: string, error: unknown): Promise<void> {
    this.#fault = asCoded(error).message;
    this.logger.warn('policy.candidate-failed', { candidate: shown(id), detail: shown(this.#fault) });
    const broken = this.#underWay;
    this.#underWay = undefined;
    await broken?.engine[Symbol.asyncDispose]();
    await endCandidates(this.storage.db, Date.now(), id).catch(() => false);
  }
}
