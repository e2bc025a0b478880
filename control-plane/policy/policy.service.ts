import { Inject, Injectable } from '@nestjs/common';
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
import type { CompileRequest } from './compile.js';
import { DecisionCache } from './decision-cache.js';
import { decisionKeys } from './decision-key.js';
import type { Decision, Judgement, PolicyInput, Question } from './decision.js';
import { FAILED, misfits as unfit } from './evaluate/reason.js';
import { qualify } from './names.js';
import { evaluate, type CompiledPolicies } from './evaluate/evaluate.js';
import { DefinitionsService } from './definitions/definitions.service.js';
import { NO_DEFINITIONS, type KnownDefinitions } from './definitions/known-definitions.js';
import { NO_FACTS, PolicyFacts } from './policy-facts.js';
import type { ArgumentPath } from './picked-arguments.js';
import { resolveQuestion } from './resolve-question.js';
import { sliceByServer } from './slices.js';
import { SlotBank } from './slot-bank.js';
import { policyCompiler } from './validation/policy-compiler.js';
import type { Prepared } from './validation/prepared.js';

// The engine's slots belong to the thread and are never freed; a process has one service, a test run a few.
let services = 0;

/** Nobody has it, so only the engine's own failure can make the decision fail. */
const PROBE: PolicyInput = {
  person: { id: 'usr_health', groups: [] },
  server: 'health',
  target: { kind: 'prompt', name: 'health' },
  context: {
    now: 0,
    address: '127.0.0.1',
    acr: null,
    amr: [],
    signedInAt: 0,
    sessionKind: 'person',
    client: 'health',
    claimedClient: null,
    device: null,
    managedDevice: false,
    agents: [],
  },
  args: {},
  serverLabels: [],
  networks: [],
  grant: undefined,
};

/** Schemas of the tools' arguments, which change without the policies. */
type Schemas = Pick<DefinitionsService, 'knownAt' | 'onAccepted'>;
const NO_SCHEMAS: Schemas = { knownAt: () => NO_DEFINITIONS, onAccepted: () => undefined };

interface Loaded {
  readonly bank: SlotBank;
  readonly evaluate: (input: PolicyInput) => Decision;
  readonly decisions: DecisionCache;
  readonly policies: CompiledPolicies;
  readonly settings: Settings;
  readonly reads: ArgumentReads;
  readonly problems: readonly Fault[];
  /** The definitions of tools that they were checked against. */
  readonly known: KnownDefinitions;
}

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
export class PolicyService {
  /** The next revision is loaded into the bank of slots that is not in use, so no decision sees a mix of two. */
  readonly #banks: readonly [SlotBank, SlotBank];
  #loaded: Loaded | undefined;
  /** What is in the bank that is not in use. */
  #foreseen: { readonly policies: CompiledPolicies; readonly slotOf: (server: string) => string } | undefined;
  /** Tools whose definition changed under the policies that read their arguments: denied until these are checked anew. */
  #changed: ReadonlySet<string> = new Set();
  readonly #renew = coalesced(() => this.#renewed());
  readonly #listeners: ((call: DecidedCall) => void)[] = [];

  /** @throws CodedError config_invalid, naming every fault of the policies. */
  constructor(
    @Inject(CONFIG) private readonly config: LoadedConfig,
    @Inject(ActiveCatalog) private readonly catalog: ActiveCatalog,
    @Inject(PolicyFacts) private readonly facts: PolicyFacts = NO_FACTS,
    @Inject(DefinitionsService) private readonly schemas: Schemas = NO_SCHEMAS,
    @Inject(Logger) private readonly logger?: Logger,
  ) {
    services += 1;
    this.#banks = [new SlotBank(`policies:${services}:a`), new SlotBank(`policies:${services}:b`)];
    catalog.follow(
      (revision) => this.#prepare(revision),
      (revision) => this.#foresee(revision),
    );
    schemas.onAccepted(() => this.#compareDefinitions());
  }

  /** SHA-256 (hex) of the policy files in force. */
  get revision(): string {
    return this.#loaded?.policies.revision ?? '';
  }

  /** Policies in force that no longer fit the definitions of the tools whose arguments they read: those tools are denied. */
  get problems(): readonly Fault[] {
    return this.#loaded?.problems ?? [];
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
    const { policies, traits } = sound(await policyCompiler.compile(...this.#requestOf(revision)));
    const slices = sliceByServer(policies.texts, settings.servers, traits);
    const slotOf = await this.#spareBank.loadInTurns(slices, policies.unlessMet);
    this.#foreseen = slotOf && { policies, slotOf };
  }

  #prepare(revision: Revision): () => void {
    const settings = this.#settingsOf(revision);
    const request = this.#requestOf(revision);
    const known = request[2] ?? NO_DEFINITIONS;
    const { misfits, policies, traits } = sound(policyCompiler.compileNow(...request));
    const slices = sliceByServer(policies.texts, settings.servers, traits);
    const bank = this.#spareBank;
    const foreseen = this.#foreseen?.policies === policies ? this.#foreseen : undefined;
    const slotOf = foreseen?.slotOf ?? bank.load(slices, policies.unlessMet);
    this.#foreseen = undefined;
    const reads = new ArgumentReads(slices, traits);
    const evaluateHere = (input: PolicyInput): Decision => evaluate(slotOf(input.server), policies, input);
    const decisions = new DecisionCache(decisionKeys(slices, traits, policies), evaluateHere);
    return () => {
      this.#loaded = { bank, evaluate: evaluateHere, decisions, policies, settings, reads, problems: misfits, known };
      this.#changed = new Set();
    };
  }

  #compareDefinitions(): void {
    if (this.#loaded === undefined) return;
    const { latest } = this.catalog;
    this.#changed = changedTools(this.#loaded.policies, this.#loaded.known, this.schemas.knownAt(latest.policyFiles));
    if (this.#changed.size > 0) void this.#renew();
  }

  /** The same policies, with what is known of the tools by now. Never rejects: where it fails, the tools stay denied until the next change. */
  async #renewed(): Promise<void> {
    const revision = this.catalog.latest;
    const before = new Set(this.problems.map(faultText));
    try {
      await this.#foresee(revision);
      if (this.catalog.latest === revision) this.#prepare(revision)();
    } catch (error) {
      this.#foreseen = undefined;
      this.logger?.error('policy.not-renewed', { reason: shown(errorText(error)) });
    }
    for (const problem of this.problems.map(faultText)) {
      if (!before.has(problem)) this.logger?.warn('policy.does-not-fit', { problem: shown(problem) });
    }
  }

  get #spareBank(): SlotBank {
    return this.#banks[this.#loaded?.bank === this.#banks[0] ? 1 : 0];
  }

  #requestOf(revision: Revision): CompileRequest {
    return [revision.policyFiles, this.#settingsOf(revision), this.schemas.knownAt(revision.policyFiles)];
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
    return { outcome: 'deny', policies: [], reason: unfit(server, tool), revision: this.revision, failed: false };
  }

  #undecided(): Decision {
    return { outcome: 'deny', policies: [], reason: FAILED, revision: this.revision, failed: true };
  }
}

/** @throws CodedError config_invalid */
function sound(prepared: Prepared): Prepared {
  const { faults, misfits } = prepared;
  if (faults.length > misfits.length)
    throw new CodedError('config_invalid', { message: faults.map(faultText).join('\n') });
  return prepared;
}
