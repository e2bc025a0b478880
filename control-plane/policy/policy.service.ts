import { Inject, Injectable } from '@nestjs/common';
import { CodedError } from '#shared/errors.js';
import { ActiveCatalog } from '../catalog/active-catalog.js';
import type { Revision } from '../catalog/revision.js';
import { CONFIG } from '../config/config.module.js';
import { faultText } from '../config/fault-text.js';
import type { Fault, LoadedConfig, Settings } from '../config/settings.js';
import { Logger, shown } from '../observability/logger.js';
import { ArgumentReads } from './argument-reads.js';
import { compilePolicies } from './compile.js';
import { DecisionCache } from './decision-cache.js';
import type { Decision, Judgement, PolicyInput, Question } from './decision.js';
import { FAILED } from './evaluate/reason.js';
import { evaluate, loadPolicies, type CompiledPolicies } from './evaluate/evaluate.js';
import { DefinitionsService } from './definitions/definitions.service.js';
import { NO_DEFINITIONS } from './definitions/known-definitions.js';
import { namedPrincipals } from './named-principals.js';
import { NO_FACTS, PolicyFacts } from './policy-facts.js';
import type { ArgumentPath } from './picked-arguments.js';
import { readsArguments, readsOfAll } from './reads.js';
import { resolveQuestion } from './resolve-question.js';
import { sliceByServer, type Slices } from './slices.js';

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
  readonly bank: string;
  readonly evaluate: (input: PolicyInput) => Decision;
  readonly decisions: Pick<DecisionCache, 'decide'>;
  readonly policies: CompiledPolicies;
  readonly settings: Settings;
  readonly reads: ArgumentReads;
  readonly problems: readonly Fault[];
}

/** Decides what a person may do, by the policies of the active revision. Without a policy that permits, nothing. */
@Injectable()
export class PolicyService {
  /** The next revision is loaded into the bank of slots that is not in use, so no decision sees a mix of two. */
  readonly #banks: readonly [string, string];
  #loaded: Loaded | undefined;

  /** @throws CodedError config_invalid, naming every fault of the policies. */
  constructor(
    @Inject(CONFIG) private readonly config: LoadedConfig,
    @Inject(ActiveCatalog) private readonly catalog: ActiveCatalog,
    @Inject(PolicyFacts) private readonly facts: PolicyFacts = NO_FACTS,
    @Inject(DefinitionsService) private readonly schemas: Schemas = NO_SCHEMAS,
    @Inject(Logger) private readonly logger?: Logger,
  ) {
    services += 1;
    this.#banks = [`policies:${services}:a`, `policies:${services}:b`];
    catalog.follow((revision) => this.#prepare(revision));
    schemas.onAccepted(() => this.#renew());
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
    return { decision: this.#loaded.decisions.decide(input), input };
  }

  /** The arguments that policies in force can read of a call of this server. */
  readsOf(server: string): readonly ArgumentPath[] {
    return this.#loaded?.reads.of(server) ?? [];
  }

  /** Whether decisions can be made now, whatever was decided before. */
  get works(): boolean {
    return this.catalog.withheld === undefined && this.#loaded?.evaluate(PROBE).failed === false;
  }

  #prepare({ servers, roles, policyFiles }: Revision): () => void {
    const settings = { ...this.config.settings, servers, roles };
    const { faults, misfits, policies } = compilePolicies(policyFiles, settings, this.schemas.knownAt(policyFiles));
    if (faults.length > misfits.length)
      throw new CodedError('config_invalid', { message: faults.map(faultText).join('\n') });
    const bank = this.#banks[this.#loaded?.bank === this.#banks[0] ? 1 : 0];
    const slots = loadSlices(bank, sliceByServer(policies.texts), policies.unlessMet);
    const reads = new ArgumentReads(policies.texts);
    const evaluateHere = (input: PolicyInput): Decision => evaluate(slots.get(input.server) ?? bank, policies, input);
    const cache = new DecisionCache(namedPrincipals(policies.texts), evaluateHere);
    const decisions = readsContext(policies) ? { decide: evaluateHere } : cache;
    return () =>
      (this.#loaded = { bank, evaluate: evaluateHere, decisions, policies, settings, reads, problems: misfits });
  }

  /** The same policies, with what is known of the tools by now. */
  #renew(): void {
    const before = new Set(this.problems.map(faultText));
    this.#prepare(this.catalog.latest)();
    for (const problem of this.problems.map(faultText)) {
      if (!before.has(problem)) this.logger?.warn('policy.does-not-fit', { problem: shown(problem) });
    }
  }

  #undecided(): Decision {
    return { outcome: 'deny', policies: [], reason: FAILED, revision: this.revision, failed: true };
  }
}

/** Slots are numbered and not named after servers: the engine frees none, and servers come and go. */
function loadSlices(
  bank: string,
  { servers, others }: Slices,
  unlessMet: CompiledPolicies['unlessMet'],
): ReadonlyMap<string, string> {
  loadPolicies(bank, others, unlessMet);
  return new Map(
    [...servers].map(([server, texts], index) => {
      const slot = `${bank}:${index}`;
      loadPolicies(slot, texts, unlessMet);
      return [server, slot];
    }),
  );
}

/** Whether a decision may depend on more than its cache knows of an input. */
function readsContext({ texts }: CompiledPolicies): boolean {
  const reads = readsOfAll(Object.values(texts));
  return readsArguments(reads) || reads.session.size > 0;
}
