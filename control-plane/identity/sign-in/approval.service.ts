import { Inject, Injectable } from '@nestjs/common';
import { REFUSALS } from '#shared/api/refusals.js';
import { CONFIG } from '../../config/config.module.js';
import type { LoadedConfig } from '../../config/settings.js';
import { AuthorizationServer } from '../authorization-server/authorization-server.js';
import { LIFETIMES } from '../token-lifetimes.js';
import type { PendingAuthorization } from '../authorization-server/pending-authorization.js';
import type { Session } from '../caller.js';
import { wayBackOf } from '../clients/client-description.js';
import { mayApprove } from '../device-login/may-approve.js';
import { SessionsService } from '../sessions/sessions.service.js';
import type { SignedInAtIdp } from './login-attempts.js';
import { SignInRecords } from './sign-in-records.js';

/** Turns the click on the confirm page into a grant and a session, or into a recorded refusal. */
@Injectable()
export class ApprovalService {
  constructor(
    @Inject(CONFIG) private readonly config: LoadedConfig,
    @Inject(AuthorizationServer) private readonly server: AuthorizationServer,
    @Inject(SessionsService) private readonly sessions: SessionsService,
    @Inject(SignInRecords) private readonly records: SignInRecords,
  ) {}

  /** Whether what waits may be approved from a client address; a device login perhaps only from its own network. */
  isOpenTo({ started }: PendingAuthorization, address: string): boolean {
    return started === null || mayApprove(this.config.settings.identity.deviceLogin, started.address, address);
  }

  /** Resolves only when the sign-in is on record; otherwise nothing of it stays. Throws `audit_unavailable`. */
  async approve(pending: PendingAuthorization, signedIn: SignedInAtIdp, address: string): Promise<Session> {
    const client = await this.server.describe(pending);
    const id = await this.server.grant(signedIn.person.id, pending);
    const session = newSession(id, pending, signedIn, address);
    await this.sessions.create(session, signedIn.refreshToken);
    try {
      await this.records.signedIn(session, pending.started ? `device, approved from ${address}` : wayBackOf(client));
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

  /** A device in another network: perhaps somebody else's, whose code this person was talked into typing. */
  async denyStray({ clientId, deviceName, started }: PendingAuthorization, { person }: SignedInAtIdp, address: string) {
    const reason = REFUSALS.otherNetwork;
    const detail = `device, started from ${started?.address}`;
    await this.records.refused(person, { reason, clientId, address, deviceName, detail });
  }
}

function newSession(
  id: string,
  { clientId, deviceName, started }: PendingAuthorization,
  signedIn: SignedInAtIdp,
  address: string,
): Session {
  const { person, groups, acr, amr, authTime, idpSession, checkedAt } = signedIn;
  const createdAt = Date.now();
  const expiresAt = createdAt + LIFETIMES.session * 1000;
  return {
    id,
    person,
    clientId,
    deviceName,
    // Where the tokens are, not where the button was pressed.
    address: started?.address ?? address,
    groups,
    acr,
    amr,
    authTime,
    idpCheckedAt: checkedAt,
    createdAt,
    expiresAt,
    kind: 'person',
    actors: [],
    idleSeconds: null,
    idpSession,
  };
}
