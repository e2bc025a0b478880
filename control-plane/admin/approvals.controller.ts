import { Body, Controller, Get, HttpCode, Inject, Ip, Param, Post, Query } from '@nestjs/common';
import {
  approvalDecisionSchema,
  approvalListSchema,
  approvalParametersSchema,
  approvalSchema,
  type ApprovalList,
  type ListedApproval,
} from '#shared/api/approvals.js';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { CodedError } from '#shared/errors.js';
import { CurrentCaller } from '../identity/access/current-caller.decorator.js';
import { Requires } from '../identity/access/requires.decorator.js';
import type { Caller } from '../identity/caller.js';
import { ApprovalDesk } from '../policy/approvals/approval-desk.service.js';
import type { Approver } from '../policy/approvals/approval.js';
import { listedApproval } from './listed-approval.js';
import { Describe } from './openapi/describe.decorator.js';
import { readParameters } from './read-parameters.js';
import { refuseQuery } from './refuse-query.js';

/** Calls that wait for somebody's approval. No role decides them: the groups do that the policies name. */
@Controller()
export class ApprovalsController {
  constructor(@Inject(ApprovalDesk) private readonly desk: ApprovalDesk) {}

  @Get(PATHS.approvals)
  @Requires({ scope: SCOPES.approvalsRead })
  @Describe({
    id: 'listApprovals',
    summary: 'List the calls that you may approve, oldest first, then your own that wait, newest first.',
    answer: approvalListSchema,
  })
  async list(@Query() query: unknown, @CurrentCaller() caller: Caller, @Ip() address: string): Promise<ApprovalList> {
    refuseQuery(query);
    return { approvals: (await this.desk.list(approverOf(caller, address))).map(listedApproval) };
  }

  @Get(`${PATHS.approvals}/:id`)
  @Requires({ scope: SCOPES.approvalsRead })
  @Describe({
    id: 'getApproval',
    summary: 'One call that waits for approval. Its arguments are shown to those who may approve it.',
    path: approvalParametersSchema,
    answer: approvalSchema,
  })
  async show(
    @Param() parameters: unknown,
    @Query() query: unknown,
    @CurrentCaller() caller: Caller,
    @Ip() address: string,
  ): Promise<ListedApproval> {
    refuseQuery(query);
    const { id } = readParameters(approvalParametersSchema, parameters);
    return listedApproval(await this.desk.show(id, approverOf(caller, address)));
  }

  @Post(`${PATHS.approvals}/:id/decision`)
  @HttpCode(200)
  @Requires({ scope: SCOPES.approvalsWrite, fresh: true })
  @Describe({
    id: 'decideApproval',
    summary: 'Approve or refuse a call of somebody else, as a member of a group that its policies name.',
    path: approvalParametersSchema,
    body: approvalDecisionSchema,
    answer: approvalSchema,
  })
  async decide(
    @Param() parameters: unknown,
    @Body() body: unknown,
    @Query() query: unknown,
    @CurrentCaller() caller: Caller,
    @Ip() address: string,
  ): Promise<ListedApproval> {
    refuseQuery(query);
    const { id } = readParameters(approvalParametersSchema, parameters);
    const { verdict, reason } = readParameters(approvalDecisionSchema, body);
    return listedApproval(await this.desk.decide(id, approverOf(caller, address), verdict, reason));
  }
}

/** Throws `role_missing` for whatever is no person: no machine and no agent approves for anybody. */
function approverOf({ session }: Caller, address: string): Approver {
  const { person, groups, authTime, kind, actors, id, clientId } = session;
  if (kind === 'person' && actors.length === 0) {
    return { person, groups, authTime, address, session: id, client: clientId };
  }
  throw new CodedError('role_missing', { message: 'Only a person who signed in themselves can approve calls.' });
}
