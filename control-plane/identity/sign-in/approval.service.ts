import { Inject, Injectable } from '@nestjs/common';
import { AuthorizationServer } from '../authorization-server/authorization-server.js';
import { LIFETIMES } from '../authorization-server/configuration.js';
import type { PendingAuthorization } from '../authorization-server/pending-authorization.js';
import type { Session } from '../caller.js';
import { SessionsService } from '../sessions/sessions.service.js';
import type { SignedInAtIdp } from './login-attempts.js';
import { SignInRecords } from './sign-in-records.js';

/** Turns the click on the confirm page into a grant and a session, or into a recorded refusal. */
@Injectable()
export class ApprovalService {
  constructor(
    @Inject(AuthorizationServer) private readonly server: AuthorizationServer,
    @Inject(SessionsService) private readonly sessions: SessionsService,
    @Inject(SignInRecords) private readonly records: SignInRecords,
  ) {}

  /** Resolves only when the sign-in is on record; otherwise nothing of it stays. Throws `audit_unavailable`. */
  async approve(pending: PendingAuthorization, signedIn: SignedInAtIdp, address: string): Promise<Session> {
    const id = await this.server.grant(signedIn.person.id, pending);
    const session = newSession(id, pending, signedIn, address);
    await this.sessions.create(session, signedIn.refreshToken);
    try {
      await this.records.signedIn(session);
    } catch (error) {
      await this.sessions.end(id, 'sign-in-incomplete');
      throw error;
    }
    return session;
  }

  async deny({ clientId, deviceName }: PendingAuthorization, { person }: SignedInAtIdp, address: string) {
    const reason = 'the person said: this was not me';
    await this.records.refused(person, { reason, clientId, address, deviceName });
  }
}

function newSession(
  id: string,
  { clientId, deviceName }: PendingAuthorization,
  signedIn: SignedInAtIdp,
  address: string,
): Session {
  const { person, groups, acr, amr, authTime, checkedAt } = signedIn;
  const createdAt = Date.now();
  const expiresAt = createdAt + LIFETIMES.session * 1000;
  return {
    id,
    person,
    clientId,
    deviceName,
    address,
    groups,
    acr,
    amr,
    authTime,
    idpCheckedAt: checkedAt,
    createdAt,
    expiresAt,
  };
}
