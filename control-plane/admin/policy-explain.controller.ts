import { Body, Controller, HttpCode, Inject, Ip, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import {
  explainRequestSchema,
  explanationSchema,
  type ExplainedCall,
  type ExplainQuestion,
} from '#shared/api/explain.js';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { CodedError } from '#shared/errors.js';
import { AuditService } from '../audit/audit.service.js';
import { ActiveCatalog } from '../catalog/active-catalog.js';
import type { Role } from '../config/settings.js';
import { CurrentCaller, CurrentReach } from '../identity/access/current-caller.decorator.js';
import { Requires, type Reach } from '../identity/access/requires.decorator.js';
import type { Caller } from '../identity/caller.js';
import { rolesOf } from '../identity/roles.js';
import { ExplanationsService } from '../simulation/explanations.service.js';
import { StorageService } from '../storage/storage.service.js';
import { auditRead } from './audit-read.js';
import { explainedCall } from './explained-call.js';
import { listedPeople } from './listed-people.js';
import { Describe } from './openapi/describe.decorator.js';
import { readParameters } from './read-parameters.js';
import { refuseQuery } from './refuse-query.js';

/** Helpdesk and the person themselves see the decision and its sentence; these also what it is made of. */
const EVERYTHING: ReadonlySet<Role> = new Set(['author', 'owner']);
const ROLES = ['author', 'owner', 'helpdesk'] as const satisfies readonly Role[];

/** Why a call is, was or would be decided as it is. */
@Controller()
export class PolicyExplainController {
  constructor(
    @Inject(ActiveCatalog) private readonly catalog: ActiveCatalog,
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(AuditService) private readonly audit: AuditService,
    @Inject(ExplanationsService) private readonly explanations: ExplanationsService,
  ) {}

  @Post(`${PATHS.policies}/explain`)
  @HttpCode(200)
  @Requires({ scope: SCOPES.policiesRead, roles: ROLES, own: true, reads: true })
  @Describe({
    id: 'explainDecision',
    summary: 'Explain a decision: of a call by its `reference` (everyone their own), or what somebody may do.',
    body: explainRequestSchema,
    answer: explanationSchema,
  })
  async explain(
    @Body() body: unknown,
    @Query() query: unknown,
    @CurrentCaller() caller: Caller,
    @CurrentReach() reach: Reach,
    @Ip() address: string,
  ): Promise<ExplainedCall> {
    refuseQuery(query);
    const request = readParameters(explainRequestSchema, body);
    if (request.reference === undefined && reach === 'own') throw ownOnly();
    const { args: _values, ...asked } = request;
    await this.audit.write(auditRead({ caller, address }, { explain: asked }));
    const owner = reach === 'own' ? caller.session.person.id : undefined;
    const explained =
      request.reference === undefined
        ? await this.explanations.ofQuestion(questionOf(request))
        : await this.explanations.ofCall(await this.explanations.call(request.reference, owner));
    const people = await listedPeople(this.storage.db, [explained.person]);
    const roles = rolesOf(caller.session, this.catalog.current().roles);
    return explainedCall(
      explained,
      people.get(explained.person),
      roles.some((role) => EVERYTHING.has(role)),
    );
  }
}

function questionOf({ person, server, name, kind, args, at }: z.output<typeof explainRequestSchema>): ExplainQuestion {
  if (person !== undefined && server !== undefined && name !== undefined)
    return { person, server, name, kind, args, at };
  throw new CodedError('params_invalid', { message: 'Give either `reference`, or `person`, `server` and `name`.' });
}

function ownOnly(): CodedError {
  return new CodedError('role_missing', {
    message: 'Your account does not have the role that this needs. For a call of your own, give its reference.',
  });
}
