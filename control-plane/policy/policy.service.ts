import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { CallOutcome } from '#shared/api/policies.js';
import { CodedError, errorText } from '#shared/errors.js';
import { ActiveCatalog } from '../catalog/active-catalog.js';
import { coalesced } from '../catalog/coalesced.js';
import type { Revision } from '../catalog/revision.js';
import { CONFIG } from '../config/config.module.js';
import { faultText } from '../config/fault-text.js';
import type { Fault, LoadedConfig, Settings } from '../config/settings.js';
import { Logger, shown } from '../observability/logger.js';
import { ArgumentReads } from './argument-reads.js';
import { changedTools } from './changed-definitions.js';
import { DecisionCache } from './decision-cache.js';
import { decisionKeys } from './decision-key.js';
import type { Decision, Judgement, PolicyInput, Question } from './decision.js';
import { FAILED, misfits as unfit } from './evaluate/reason.js';
import { qualify } from './names.js';
import { evaluate, type CompiledPolicies } from './evaluate/evaluate.js';
import { DefinitionsService } from './definitions/definitions.service.js';
import { NO_DEFINITIONS, type KnownDefinitions } from './definitions/known-definitions.js';
import { NO_FACTS, PolicyFacts } from './policy-facts.js';
import { PROBE } from './probe.js';
import type { ArgumentPath } from './picked-arguments.js';
import { resolveQuestion } from './resolve-question.js';
import { sliceByServer } from './slices.js';
import { SlotBanks } from './slot-banks.js';
import { policyCompiler, type PolicyCompiler } from './validation/policy-compiler.js';
import type { Prepared } from './validation/prepared.js';

/** Schemas of the tools' arguments, which change without the policies. */
type Schemas = Pick<DefinitionsService, 'knownAt' | 'onAccepted'>;
const NO_SCHEMAS: Schemas = { knownAt: () => NO_DEFINITIONS, onAccepted: () => undefined };

interface Loaded {
  readonly evaluate: (input: PolicyInput) => Decision;
  readonly decisions: DecisionCache;
  readonly policies: CompiledPolicies;
  readonly settings: Settings;
  readonly reads: ArgumentReads;
  readonly problems: readonly Fault[];
  /** The definitions of tools that they were checked against. */
  readonly known: KnownDefinitions;
}

/** How policies are checked, and after how many milliseconds again where that failed. */
interface Checking {
  readonly compiler: Pick<PolicyCompiler, 'compile' | 'compileNow' | 'known'>;
  readonly again: number;
}
const CHECKING: Checking = { compiler: policyCompiler, again: 30_000 };

/** A call that was decided. */
export interface DecidedCall {
  /** Id of its audit record. */
  readonly record: string;
  readonly input: PolicyInput;
  /** Other names that a server may read the target's as. */
  readonly readings: readonly string[];
  readonly outcome: CallOutcome;
}

/** Decides what a person may do, by the policies of the active revision. Without a policy that permits, nothing. */
@Injectable()
export class PolicyService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #banks = new SlotBanks();
  #loaded: Loaded | undefined;
  /** Definitions that a coming revision was checked against. */
  #foreseen: KnownDefinitions | undefined;
  /** Tools whose definition changed under the policies that read their arguments: denied until these are checked anew. */
  #changed: ReadonlySet<string> = new Set();
  /** Why they could not be checked anew. */
  #unchecked: Fault | undefined;
  #again: NodeJS.Timeout | undefined;
  /** What loads the spare bank goes one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  readonly #renew = coalesced(() => this.#renewed());
  readonly #listeners: ((call: DecidedCall) => void)[] = [];

  /** @throws CodedError config_invalid, naming every fault of the policies. */
  constructor(
    @Inject(CONFIG) private readonly config: LoadedConfig,
    @Inject(ActiveCatalog) private readonly catalog: ActiveCatalog,
    @Inject(PolicyFacts) private readonly facts: PolicyFacts = NO_FACTS,
    @Inject(DefinitionsService) private readonly schemas: Schemas = NO_SCHEMAS,
    @Inject(Logger) private readonly logger?: Logger,
    private readonly checking: Checking = CHECKING,
  ) {
    catalog.follow(
      (revision) => this.#prepare(revision),
      (revision) => this.#inTurn(() => this.#foresee(revision)),
    );
    schemas.onAccepted(() => this.#compareDefinitions());
  }

  /** Definitions are read from the database after the start: what they change is checked before anything is served. */
  async onApplicationBootstrap(): Promise<void> {
    if (this.#changed.size > 0) await this.#renew();
  }

  beforeApplicationShutdown(): void {
    clearTimeout(this.#again);
  }

  /** SHA-256 (hex) of the policy files in force. */
  get revision(): string {
    return this.#loaded?.policies.revision ?? '';
  }

  /**
   * Policies in force that no longer fit the definitions of the tools whose arguments they read, and whatever kept them from being
   * checked against these: those tools are denied.
   */
  get problems(): readonly Fault[] {
    const found = this.#loaded?.problems ?? [];
    return this.#unchecked === undefined ? found : [...found, this.#unchecked];
  }

  /** Never throws: where no revision is in force, and where evaluation fails, it denies and says so in `failed`. */
  decide(question: Question): Decision {
    return this.judge(question).decision;
  }

  /** The same, with what was decided by. */
  judge(question: Question): Judgement {
    if (this.#loaded === undefined || this.catalog.withheld !== undefined) {
      return { decision: this.#undecided(), input: undefined };
    }
    const input = resolveQuestion(question, this.#loaded.settings, this.facts);
    const { kind, name } = question.target;
    const changed = kind === 'tool' && this.#changed.has(qualify(question.server, name));
    const decision = changed ? this.#outdated(question.server, name) : this.#loaded.decisions.decide(input);
    return { decision: this.#inRevision(decision), input };
  }

  /** Whether a list would show the tool, had somebody accepted its definition. */
  wouldAllow(question: Question): boolean {
    if (this.#loaded === undefined || this.catalog.withheld !== undefined) return false;
    const grantFor: PolicyFacts['grantFor'] = (...about) => this.facts.grantFor(...about);
    const input = resolveQuestion(question, this.#loaded.settings, { isReviewed: () => true, grantFor });
    return this.#loaded.decisions.decide(input).outcome === 'allow';
  }

  /** The arguments that policies in force can read of a call. */
  readsOf({ server, target }: Pick<PolicyInput, 'server' | 'target'>): readonly ArgumentPath[] {
    return this.#loaded?.reads.of(server, target) ?? [];
  }

  /** The listener must not throw. */
  onDecided(listener: (call: DecidedCall) => void): void {
    this.#listeners.push(listener);
  }

  /** What came of a call whose record is durable: for those who compare it with what others would decide. */
  decided(call: DecidedCall): void {
    for (const listener of this.#listeners) listener(call);
  }

  /** Whether decisions can be made now, whatever was decided before. */
  get works(): boolean {
    return this.catalog.withheld === undefined && this.#loaded?.evaluate(PROBE).failed === false;
  }

  /** Checked in the compiler's thread and loaded slot by slot, so that the moment of the switch is all that this thread waits for. */
  async #foresee(revision: Revision): Promise<void> {
    const settings = this.#settingsOf(revision);
    const known = this.schemas.knownAt(revision.policyFiles);
    const prepared = await this.checking.compiler.compile(revision.policyFiles, settings, known);
    const { policies, traits } = sound(prepared);
    this.#foreseen = known;
    await this.#banks.loadAhead(policies, sliceByServer(policies.texts, settings.servers, traits));
  }

  /**
   * By the definitions that the revision was checked against before, even where others were accepted meanwhile: their tools are
   * denied until the policies were checked anew, which takes too long to wait for here.
   */
  #prepare(revision: Revision): () => void {
    const settings = this.#settingsOf(revision);
    const { prepared, known } = this.#checked(revision, settings);
    const { misfits, policies, traits } = sound(prepared);
    const slices = sliceByServer(policies.texts, settings.servers, traits);
    const { slotOf, use } = this.#banks.take(policies, slices);
    const reads = new ArgumentReads(slices, traits);
    const evaluateHere = (input: PolicyInput): Decision => evaluate(slotOf(input.server), policies, input);
    const decisions = new DecisionCache(decisionKeys(slices, traits, policies), evaluateHere);
    return () => {
      use();
      this.#loaded = { evaluate: evaluateHere, decisions, policies, settings, reads, problems: misfits, known };
      this.#settle();
      this.#compare(revision);
    };
  }

  #checked(
    { policyFiles }: Revision,
    settings: Settings,
  ): { readonly prepared: Prepared; readonly known: KnownDefinitions } {
    const { compiler } = this.checking;
    const known = this.schemas.knownAt(policyFiles);
    const earlier = this.#foreseen;
    const prepared = compiler.known(policyFiles, settings, known);
    const before = prepared === undefined && earlier ? compiler.known(policyFiles, settings, earlier) : undefined;
    if (before !== undefined && earlier !== undefined) return { prepared: before, known: earlier };
    return { prepared: prepared ?? compiler.compileNow(policyFiles, settings, known), known };
  }

  #compareDefinitions(): void {
    this.#compare(this.catalog.latest);
  }

  #compare({ policyFiles }: Revision): void {
    if (this.#loaded === undefined) return;
    this.#changed = changedTools(this.#loaded.policies, this.#loaded.known, this.schemas.knownAt(policyFiles));
    if (this.#changed.size > 0) void this.#renew();
    else this.#settle();
  }

  /** The same policies, with what is known of the tools by now. Never rejects: where it fails, the tools stay denied, and it is tried again. */
  async #renewed(): Promise<void> {
    const before = new Set(this.problems.map(faultText));
    await this.#inTurn(async () => {
      const revision = this.catalog.latest;
      if (this.#changed.size === 0) return;
      try {
        await this.#foresee(revision);
        if (this.catalog.latest === revision) this.#prepare(revision)();
      } catch (error) {
        this.#putOff(error);
      }
    });
    for (const problem of this.problems.map(faultText)) {
      if (!before.has(problem)) this.logger?.warn('policy.does-not-fit', { problem: shown(problem) });
    }
  }

  #putOff(error: unknown): void {
    this.logger?.error('policy.not-renewed', { reason: shown(errorText(error)) });
    const tools = [...this.#changed].toSorted();
    this.#unchecked = uncheckedFault(tools, error);
    clearTimeout(this.#again);
    this.#again = setTimeout(() => void this.#renew(), this.checking.again).unref();
  }

  #settle(): void {
    this.#changed = new Set();
    this.#unchecked = undefined;
    clearTimeout(this.#again);
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  #settingsOf({ servers, roles }: Revision): Settings {
    return { ...this.config.settings, servers, roles };
  }

  /** A directory that is not stored yet has no number. */
  #inRevision(decision: Decision): Decision {
    const { number } = this.catalog.latest;
    return number === 0 ? decision : { ...decision, catalogRevision: number };
  }

  #outdated(server: string, tool: string): Decision {
    return {
      outcome: 'deny',
      policies: [],
      reason: unfit(server, tool),
      revision: this.revision,
      failed: false,
      held: true,
    };
  }

  #undecided(): Decision {
    return { outcome: 'deny', policies: [], reason: FAILED, revision: this.revision, failed: true };
  }
}

function uncheckedFault(tools: readonly string[], error: unknown): Fault {
  const named = tools.slice(0, 20).join(', ') + (tools.length > 20 ? ` and ${tools.length - 20} more` : '');
  return {
    file: 'policies',
    line: 1,
    column: 1,
    key: '',
    message: `definitions changed and the policies could not be checked against them, so these tools are denied: ${named}`,
    fix: `it is tried again by itself; the reason was: ${errorText(error)}`,
  };
}

/** @throws CodedError config_invalid */
function sound(prepared: Prepared): Prepared {
  const { faults, misfits } = prepared;
  if (faults.length > misfits.length)
    throw new CodedError('config_invalid', { message: faults.map(faultText).join('\n') });
  return prepared;
}
