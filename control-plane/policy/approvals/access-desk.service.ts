import { Inject, Injectable } from '@nestjs/common';
import { CodedError } from '#shared/errors.js';
import { ActiveCatalog } from '../../catalog/active-catalog.js';
import type { Person } from '../../identity/caller.js';
import { rolesOf } from '../../identity/roles.js';
import { SessionDirectory } from '../../identity/sessions/session-directory.js';
import { targetText } from '../grants/covering-grant.js';
import { GrantRequests, type Question } from '../grants/grant-requests.service.js';
import type { Acting, GrantRequest } from '../grants/grant.js';
import { GIVING_ROLES } from '../grants/may-act.js';
import type { Approver } from './approval.js';
import { isSamePerson, requireFreshApprover } from './may-vote.js';

/** Requests on one page; the API and the CLI list all. */
const MOST_LISTED = 100;

/** A request for access as people see it. */
export interface ShownAccess extends Pick<GrantRequest, 'id' | 'minutes' | 'reason' | 'createdAt' | 'expiresAt'> {
  readonly state: GrantRequest['state'] | 'expired';
  readonly requester: Pick<Person, 'id' | 'email' | 'name'>;
  /** `crm`, or `crm/add_customer`. */
  readonly target: string;
  /** Why it was refused. */
  readonly answer: string | undefined;
  /** Whether the one who looks may decide it now. */
  readonly mine: boolean;
  readonly own: boolean;
}

export type AccessVerdict =
  | { readonly give: true; readonly minutes: number | undefined }
  | { readonly give: false; readonly reason: string };

/** Requests for access, for people before the page. Roles count as they are at this moment. */
@Injectable()
export class AccessDesk {
  constructor(
    @Inject(GrantRequests) private readonly requests: GrantRequests,
    @Inject(SessionDirectory) private readonly directory: SessionDirectory,
    @Inject(ActiveCatalog) private readonly catalog: ActiveCatalog,
  ) {}

  /** What waits for somebody who may give access, newest first, and then their own. */
  async list(visitor: Approver): Promise<ShownAccess[]> {
    const open = { openAt: Date.now(), limit: MOST_LISTED };
    const all = this.#mayGive(visitor) ? await this.requests.list(open) : [];
    const own = await this.requests.list({ ...open, people: [visitor.person.id] });
    const others = all.filter(({ person }) => person !== visitor.person.id);
    return this.#shown([...others.slice(0, MOST_LISTED), ...own], visitor);
  }

  /** Throws `not_found` for whoever it does not concern, as for one that never was. */
  async show(id: string, visitor: Approver): Promise<ShownAccess> {
    const request = await this.requests.find(id);
    if (request.person !== visitor.person.id && !this.#mayGive(visitor)) {
      throw new CodedError('not_found', { message: 'There is no such request, or it is not for you to decide.' });
    }
    return (await this.#shown([request], visitor))[0]!;
  }

  /** What a denial of the visitor's would be a request for. Throws as `GrantRequests.targetOf`. */
  async target(reference: string, visitor: Approver): Promise<string> {
    return targetText(await this.requests.targetOf({ person: visitor.person.id }, reference));
  }

  /** Throws `sign_in_stale`, and as `GrantRequests.ask`. */
  async ask(visitor: Approver, question: Question): Promise<ShownAccess> {
    requireFreshApprover(visitor, Date.now());
    return this.show((await this.requests.ask(this.#acting(visitor), question)).id, visitor);
  }

  /** Throws `sign_in_stale`, `policy_denied` (one's own), and as `GrantRequests.give` and `refuse`. */
  async decide(id: string, visitor: Approver, verdict: AccessVerdict): Promise<ShownAccess> {
    requireFreshApprover(visitor, Date.now());
    const { own, mine, state } = await this.show(id, visitor);
    if (state === 'open' && !own && !mine) throw sameAddress();
    const acting = this.#acting(visitor);
    await (verdict.give
      ? this.requests.give(acting, id, verdict.minutes)
      : this.requests.refuse(acting, id, verdict.reason));
    return this.show(id, visitor);
  }

  async #shown(requests: readonly GrantRequest[], visitor: Approver): Promise<ShownAccess[]> {
    const ids = [...new Set(requests.map(({ person }) => person))];
    const people = await this.directory.people({ people: ids, limit: ids.length });
    const now = Date.now();
    return requests.map((request) => {
      const { id, minutes, reason, createdAt, expiresAt, answer, person } = request;
      const requester = people.find((one) => one.id === person) ?? { id: person, email: null, name: null };
      const state = request.state === 'open' && expiresAt <= now ? 'expired' : request.state;
      const own = person === visitor.person.id;
      const mine = state === 'open' && !isSamePerson(requester, visitor.person) && this.#mayGive(visitor);
      return {
        id,
        minutes,
        reason,
        createdAt,
        expiresAt,
        answer,
        requester,
        state,
        own,
        mine,
        target: targetText(request),
      };
    });
  }

  #mayGive(visitor: Approver): boolean {
    const roles = this.#roles(visitor);
    return GIVING_ROLES.some((role) => roles.includes(role));
  }

  #roles({ groups }: Approver): Acting['roles'] {
    return rolesOf({ kind: 'person', groups }, this.catalog.current().roles);
  }

  #acting(visitor: Approver): Acting {
    const { person, groups, address } = visitor;
    const { id, email, name } = person;
    const personal = { ...(email === null ? {} : { email }), ...(name === null ? {} : { name }), address };
    const record = { subject: id, facts: { person: id }, personal };
    return { person: id, roles: this.#roles(visitor), groups, inPerson: true, record };
  }
}

function sameAddress(): CodedError {
  return new CodedError('policy_denied', {
    message: 'Whoever asks for this has your e-mail address, so somebody else has to decide it. Nothing was changed.',
  });
}
