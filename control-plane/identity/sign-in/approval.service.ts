import { Inject, Injectable } from '@nestjs/common';
import { REFUSALS } from '#shared/api/refusals.js';
import { CodedError } from '#shared/errors.js';
import { CONFIG } from '../../config/config.module.js';
import type { LoadedConfig } from '../../config/settings.js';
import { AuthorizationServer } from '../authorization-server/authorization-server.js';
import type { PendingAuthorization } from '../authorization-server/pending-authorization.js';
import type { Session } from '../caller.js';
import { wayBackOf } from '../clients/client-description.js';
import { mayApprove } from '../device-login/may-approve.js';
import { isDisabled } from '../sessions/persons.js';
import { SessionLifetimes } from '../sessions/session-lifetimes.js';
import { SignInCutoffs } from '../sessions/sign-in-cutoffs.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { StorageService } from '../../storage/storage.service.js';
import type { SignedInAtIdp } from './login-attempts.js';
import { SignInRecords } from './sign-in-records.js';

const CUT_OFF = 'Your sign-ins were ended while this one was under way. Sign in again.';

/** Turns the click on the confirm page into a grant and a session, or into a recorded refusal. */
@Injectable()
export class ApprovalService {
  constructor(
    @Inject(CONFIG) private readonly config: LoadedConfig,
    @Inject(AuthorizationServer) private readonly server: AuthorizationServer,
    @Inject(SessionsService) private readonly sessions: SessionsService,
    @Inject(SessionLifetimes) private readonly lifetimes: SessionLifetimes,
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(SignInCutoffs) private readonly cutoffs: SignInCutoffs,
    @Inject(SignInRecords) private readonly records: SignInRecords,
  ) {}

  /** Whether what waits may be approved from a client address; a device login perhaps only from its own network. */
  isOpenTo({ started }: PendingAuthorization, address: string): boolean {
    return started === null || mayApprove(this.config.settings.identity.deviceLogin, started.address, address);
  }

  /**
   * The live session that an authorization renews: the one whose client was told to have that done, for the key that its
   * tokens are bound to, and for nothing more than it may do already. Everything else is a new session; who acts for a person, and
   * machines, are not renewed by anybody.
   */
  async renewable(pending: PendingAuthorization): Promise<Session | undefined> {
    const { renewal, key, clientId } = pending;
    if (!renewal || renewal.key !== key) return undefined;
    const session = await this.sessions.read(renewal.session);
    if (session?.person.id !== renewal.person || session.clientId !== clientId) return undefined;
    if (session.kind !== 'person' || session.actors.length > 0) return undefined;
    return (await this.server.covers(session.id, pending)) ? session : undefined;
  }

  /**
   * Resolves only when the sign-in is on record; otherwise nothing of it stays. Throws `audit_unavailable`,
   * `session_ended` where the session to renew has ended meanwhile (a page that asked to confirm it lets nobody in anew), and
   * `sign_in_failed` or `account_disabled` where the person was put out since the sign-in began.
   */
  async approve(
    pending: PendingAuthorization,
    signedIn: SignedInAtIdp,
    address: string,
    renews: boolean,
  ): Promise<Session> {
    await this.#requireStanding(pending, signedIn, address);
    const renewable = await this.renewable(pending);
    if (renewable) return this.#renew(renewable, pending, signedIn, address);
    if (renews) throw new CodedError('session_ended');
    return this.#begin(pending, signedIn, address);
  }

  async #begin(pending: PendingAuthorization, signedIn: SignedInAtIdp, address: string): Promise<Session> {
    const client = await this.server.describe(pending);
    const id = await this.server.grant(signedIn.person.id, pending);
    const opened = newSession(id, pending, signedIn, { address, seconds: this.lifetimes.longest });
    const session = await this.sessions.create(opened, signedIn.refreshToken, signedIn.tokens);
    try {
      await this.#requireStanding(pending, signedIn, address);
      await this.records.signedIn(session, pending.started ? `device, approved from ${address}` : wayBackOf(client));
    } catch (error) {
      await this.sessions.end(id, 'sign-in-incomplete');
      throw error;
    }
    return session;
  }

  async #renew(
    session: Session,
    pending: PendingAuthorization,
    signedIn: SignedInAtIdp,
    address: string,
  ): Promise<Session> {
    const { started } = pending;
    const { person, groups, acr, amr, authTime, idpSession, managedDevice, checkedAt, refreshToken } = signedIn;
    if (person.id !== session.person.id) throw new CodedError('sign_in_failed', { detail: 'another person' });
    const said = { groups, acr, amr, authTime, idpSession, managedDevice };
    const signIn = { ...said, idpCheckedAt: checkedAt, lastUsedAt: Date.now() };
    const way = started ? `device, approved from ${address}` : 'browser';
    await this.records.signedIn({ ...session, ...signIn, address }, `step-up, ${way}`);
    const renewed = await this.sessions.renew(session, signIn, refreshToken, signedIn.tokens);
    try {
      await this.#requireStanding(pending, signedIn, address);
    } catch (error) {
      await this.sessions.end(session.id, 'sign-in-incomplete');
      throw error;
    }
    return renewed;
  }

  /** Asked before anything is granted, so that nothing need be taken back, and once more after it. */
  async #requireStanding(
    { clientId, deviceName }: PendingAuthorization,
    signedIn: SignedInAtIdp,
    address: string,
  ): Promise<void> {
    const { person } = signedIn;
    const disabled = await isDisabled(this.storage.db, person.id);
    if (!disabled && !(await this.cutoffs.isCut(signedIn))) return;
    const reason = disabled
      ? 'the account is disabled'
      : 'the person’s sign-ins were ended while this one was under way';
    await this.records.refused(person, { reason, clientId, address, deviceName });
    if (disabled) throw new CodedError('account_disabled');
    throw new CodedError('sign_in_failed', { message: CUT_OFF });
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
  { address, seconds }: { readonly address: string; readonly seconds: number },
): Session {
  const { person, groups, acr, amr, authTime, idpSession, managedDevice, checkedAt } = signedIn;
  const createdAt = Date.now();
  const expiresAt = createdAt + seconds * 1000;
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
    lastUsedAt: createdAt,
    expiresAt,
    kind: 'person',
    actors: [],
    idleSeconds: null,
    idpSession,
    managedDevice,
  };
}
