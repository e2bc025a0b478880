import { Inject, Injectable } from '@nestjs/common';
import type { ExplainQuestion } from '#shared/api/explain.js';
import { CodedError } from '#shared/errors.js';
import { AuditService } from '../audit/audit.service.js';
import type { RecordedCall } from '../audit/search/recorded-calls.js';
import { ActiveCatalog } from '../catalog/active-catalog.js';
import { RevisionStore } from '../catalog/revision-store.js';
import { CONFIG } from '../config/config.module.js';
import type { LoadedConfig } from '../config/settings.js';
import { CandidateEngine, type Candidate } from '../policy/candidate/candidate-engine.js';
import { DefinitionsService } from '../policy/definitions/definitions.service.js';
import type { Explanation } from '../policy/explain/explain.js';
import { PolicyService } from '../policy/policy.service.js';
import { writeInput } from '../policy/recorded-input.js';
import { resolveQuestion } from '../policy/resolve-question.js';
import { StorageService } from '../storage/storage.service.js';
import { candidateOf, candidateOfRevision } from './candidate-of.js';
import { PeopleAsked } from './people-asked.js';
import { revisionAt } from './revision-at.js';

/** A decision, and what made it. */
export interface Explained {
  readonly at: number;
  readonly person: string;
  readonly server: string | undefined;
  readonly target: string | undefined;
  /** As it was recorded; undefined where nothing was called. */
  readonly call: RecordedCall | undefined;
  /** Undefined where what policies read was not recorded, or can't be read any more. */
  readonly explanation: Explanation | undefined;
  readonly revision: number | undefined;
  readonly notes: readonly string[];
}

/** Explanations under way: each has a thread of its own. */
const MAX_UNDER_WAY = 2;

/** Why a call is, or was, decided as it is. */
@Injectable()
export class ExplanationsService {
  #underWay = 0;

  constructor(
    @Inject(CONFIG) readonly config: LoadedConfig,
    @Inject(ActiveCatalog) private readonly catalog: ActiveCatalog,
    @Inject(RevisionStore) readonly store: RevisionStore,
    @Inject(DefinitionsService) readonly definitions: DefinitionsService,
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(AuditService) private readonly audit: AuditService,
    @Inject(PolicyService) private readonly policy: PolicyService,
    @Inject(PeopleAsked) private readonly people: PeopleAsked,
  ) {}

  /** The recorded call. Throws `not_found`, the same for one that `person` alone may see and is another's. */
  async call(reference: string, person: string | undefined): Promise<RecordedCall> {
    const call = await this.audit.recordedCall(reference);
    if (call && (person === undefined || call.facts.person === person)) return call;
    throw new CodedError('not_found', { message: 'There is no call with this reference.' });
  }

  /** By the policies that were active when it was made. */
  async ofCall(call: RecordedCall): Promise<Explained> {
    const { person = '', server } = call.facts;
    const about = { at: call.ts, person, server, target: call.target, call };
    if (call.input === undefined) {
      const why = call.payload === 'shown' ? 'was not recorded with it' : 'cannot be read any more';
      return {
        ...about,
        explanation: undefined,
        revision: undefined,
        notes: [`What the policies read of this call ${why}.`],
      };
    }
    const { candidate, revision } = await this.#inForceAt(call.ts);
    const explanation = await this.#explain(candidate, call.input);
    const notes =
      explanation === undefined ? ['What was recorded of this call is in a form that this version does not read.'] : [];
    return { ...about, explanation, revision, notes };
  }

  /** What would be decided about somebody, with the groups and the sign-in that they have now. */
  async ofQuestion({ person, server, kind, name, args, at }: ExplainQuestion): Promise<Explained> {
    const now = Date.now();
    const moment = at === undefined ? now : Date.parse(at);
    if (moment > now)
      throw new CodedError('params_invalid', { message: '`at` is in the future. Leave it out for now.' });
    const { candidate, revision } = at === undefined ? this.#inForce() : await this.#inForceAt(moment);
    if (!Object.hasOwn(candidate.settings.servers, server)) {
      throw new CodedError('params_invalid', {
        message: `There was no server ${JSON.stringify(server.slice(0, 50))} at that moment.`,
      });
    }
    const asked = await this.people.find(person, moment);
    const question = { person: asked.person, server, target: { kind, name }, context: asked.context, args };
    const { input: today } = this.policy.judge(question);
    const isReviewed = (): boolean => today?.target.kind !== 'tool' || today.target.reviewed;
    const input = resolveQuestion(question, candidate.settings, { isReviewed, grantFor: () => today?.grant });
    const explanation = await this.#explain(candidate, writeInput(input, [], [[]]));
    const notes = [...asked.notes, ...(at === undefined ? [] : [PAST])];
    return { at: moment, person: asked.person.id, server, target: name, call: undefined, explanation, revision, notes };
  }

  #inForce(): { readonly candidate: Candidate; readonly revision: number | undefined } {
    const revision = this.catalog.current();
    return {
      candidate: candidateOf(this, revision),
      revision: revision.number === 0 ? undefined : revision.number,
    };
  }

  async #inForceAt(moment: number): Promise<{ readonly candidate: Candidate; readonly revision: number }> {
    const number = await revisionAt(this.storage.db, moment);
    if (number === undefined) {
      throw new CodedError('not_found', { message: 'Which policies were active at that moment is not known.' });
    }
    return { candidate: await candidateOfRevision(this, number), revision: number };
  }

  async #explain(candidate: Candidate, input: string): Promise<Explanation | undefined> {
    if (this.#underWay >= MAX_UNDER_WAY) {
      throw new CodedError('rate_limited', { message: 'Other explanations are under way. Try again in a moment.' });
    }
    this.#underWay += 1;
    try {
      await using engine = await CandidateEngine.start(candidate);
      return await engine.explain(input);
    } finally {
      this.#underWay -= 1;
    }
  }
}

const PAST =
  'Groups, sign-in, grants and reviews are those of now: only for a call that was made is it known what they were.';
