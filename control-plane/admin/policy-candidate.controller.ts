import { Body, Controller, Delete, Get, HttpCode, Inject, Ip, Post, Query } from '@nestjs/common';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { callOutcomeSchema } from '#shared/api/policies.js';
import { candidateRequestSchema, candidateSchema, type ShownCandidate } from '#shared/api/shadow.js';
import { CodedError } from '#shared/errors.js';
import { AuditService } from '../audit/audit.service.js';
import type { Role } from '../config/settings.js';
import { CurrentCaller } from '../identity/access/current-caller.decorator.js';
import { Requires } from '../identity/access/requires.decorator.js';
import type { Caller } from '../identity/caller.js';
import { ShadowService } from '../simulation/shadow.service.js';
import { StorageService } from '../storage/storage.service.js';
import { actorOf } from './actor.js';
import { listedPeople } from './listed-people.js';
import { Describe } from './openapi/describe.decorator.js';
import { readParameters } from './read-parameters.js';
import { refuseQuery } from './refuse-query.js';

const ROLES = ['author', 'owner'] as const satisfies readonly Role[];
const CANDIDATE = `${PATHS.policies}/candidate`;

/** Policies that are evaluated beside those in force. They change no decision. */
@Controller()
export class PolicyCandidateController {
  constructor(
    @Inject(ShadowService) private readonly shadow: ShadowService,
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(AuditService) private readonly audit: AuditService,
  ) {}

  @Post(CANDIDATE)
  @HttpCode(200)
  @Requires({ scope: SCOPES.policiesWrite, roles: ROLES, fresh: true })
  @Describe({
    id: 'startCandidate',
    summary: 'Evaluate these policies beside those in force from now on, in place of the candidate before.',
    body: candidateRequestSchema,
    answer: candidateSchema,
  })
  async start(
    @Body() body: unknown,
    @Query() query: unknown,
    @CurrentCaller() caller: Caller,
    @Ip() address: string,
  ): Promise<ShownCandidate> {
    refuseQuery(query);
    const { policies, message = null } = readParameters(candidateRequestSchema, body);
    await this.#record(caller, address, 'start');
    await this.shadow.start(policies, caller.session.person.id, message);
    return this.#shown();
  }

  @Get(CANDIDATE)
  @Requires({ scope: SCOPES.policiesRead, roles: ROLES })
  @Describe({
    id: 'readCandidate',
    summary: 'The last candidate, and which calls it would have decided otherwise.',
    answer: candidateSchema,
  })
  async read(@Query() query: unknown): Promise<ShownCandidate> {
    refuseQuery(query);
    return this.#shown();
  }

  @Delete(CANDIDATE)
  @Requires({ scope: SCOPES.policiesWrite, roles: ROLES, fresh: true })
  @Describe({ id: 'stopCandidate', summary: 'End the candidate; what it found is kept.', answer: candidateSchema })
  async stop(@Query() query: unknown, @CurrentCaller() caller: Caller, @Ip() address: string): Promise<ShownCandidate> {
    refuseQuery(query);
    await this.#record(caller, address, 'stop');
    await this.shadow.stop();
    return this.#shown();
  }

  async #record(caller: Caller, address: string, detail: 'start' | 'stop'): Promise<void> {
    const { subject, facts, personal } = actorOf({ caller, address });
    const record = {
      type: 'policy.candidate',
      phase: 'event',
      subject,
      facts,
      personal: { ...personal, detail },
    } as const;
    await this.audit.write(record);
  }

  async #shown(): Promise<ShownCandidate> {
    const { candidate, differences, compared, dropped, fault } = await this.shadow.state();
    if (candidate === undefined) throw new CodedError('not_found', { message: 'No candidate was ever started.' });
    const { id, sha256, author, message, createdAt, endedAt } = candidate;
    const people = await listedPeople(
      this.storage.db,
      differences.map(({ person }) => person),
    );
    return {
      id,
      sha256,
      author,
      message,
      startedAt: new Date(createdAt).toISOString(),
      endedAt: endedAt === null ? null : new Date(endedAt).toISOString(),
      compared,
      dropped,
      fault: fault ?? null,
      differences: differences.map(({ person, server, target, live, candidate: other, calls, last }) => ({
        person: people.get(person) ?? { id: person, email: null, name: null },
        server,
        target,
        live: callOutcomeSchema.parse(live),
        candidate: callOutcomeSchema.parse(other),
        calls,
        last,
      })),
    };
  }
}
