import { Inject, Injectable } from '@nestjs/common';
import { CodedError } from '#shared/errors.js';
import { CONFIG } from '../config/config.module.js';
import { faultText } from '../config/fault-text.js';
import type { Effect, LoadedConfig, Settings } from '../config/settings.js';
import { compilePolicies } from './compile.js';
import type { Decision, PolicyInput } from './decision.js';
import { effectOf } from './effects.js';
import { evaluate, loadPolicies, type CompiledPolicies } from './evaluate/evaluate.js';

/** How many entries of one list are decided; the rest is denied. A decision takes about 0.2 ms of the event loop. */
const MAX_LIST = 1000;

// The engine's slots belong to the thread and are never freed; a process has one service, a test run a few.
let services = 0;

/** Decides what a person may do, by the policies of the configuration. Without a policy that permits, nothing. */
@Injectable()
export class PolicyService {
  readonly #settings: Settings;
  readonly #policies: CompiledPolicies;
  readonly #slot = `policies:${(services += 1)}`;

  /** @throws CodedError config_invalid, naming every fault of the policies. */
  constructor(@Inject(CONFIG) config: LoadedConfig) {
    const { faults, policies } = compilePolicies(config.policyFiles, config.settings);
    if (faults.length > 0) throw new CodedError('config_invalid', { message: faults.map(faultText).join('\n') });
    this.#settings = config.settings;
    this.#policies = policies;
    loadPolicies(this.#slot, policies);
  }

  /** SHA-256 (hex) of the policy files in force. */
  get revision(): string {
    return this.#policies.revision;
  }

  decide(input: PolicyInput): Decision {
    return evaluate(this.#slot, this.#policies, input);
  }

  /** One decision for each input, in order. Past the first 1000 they are denials that say `failed`. */
  decideEach(inputs: readonly PolicyInput[]): Decision[] {
    return inputs.map((input, index) => (index < MAX_LIST ? this.decide(input) : this.#undecided()));
  }

  effectOf(server: string, tool: string): Effect {
    return effectOf(this.#settings, server, tool);
  }

  #undecided(): Decision {
    const reason = `The list has more than ${MAX_LIST} entries; the rest was not decided, and so refused.`;
    return { outcome: 'deny', policies: [], reason, revision: this.#policies.revision, failed: true };
  }
}
