import { freePort } from '../../../demo/stack/ports.js';
import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { parseHeader } from '#shared/audit-log/record-header.js';
import { CodedError } from '#shared/errors.js';
import { AuditModule } from '../../audit/audit.module.js';
import { AuditService } from '../../audit/audit.service.js';
import { loadPayloads, type Payload } from '../../audit/search/load-payloads.js';
import { SubjectKeys } from '../../audit/subject-keys.js';
import { ActiveCatalogModule } from '../../catalog/active-catalog.module.js';
import { ConfigModule } from '../../config/config.module.js';
import type { Limits } from '../../config/limits.js';
import { settingsSchema, type LoadedConfig } from '../../config/settings.js';
import { LOOPBACK } from '../../egress/testing/loopback.js';
import { CredentialsModule } from '../../credentials/credentials.module.js';
import type { Caller, Credentials, Session } from '../../identity/caller.js';
import { GracefulShutdown } from '../../http/graceful-shutdown.js';
import { IdentityService } from '../../identity/identity.service.js';
import { MessagingService } from '../../messaging/messaging.service.js';
import { Health } from '../../observability/health.js';
import { ObservabilityModule } from '../../observability/observability.module.js';
import { TelemetryModule } from '../../observability/telemetry.module.js';
import { ApprovalDesk } from '../../policy/approvals/approval-desk.service.js';
import { ApprovalsService } from '../../policy/approvals/approvals.service.js';
import { DefinitionsService } from '../../policy/definitions/definitions.service.js';
import { PolicyModule } from '../../policy/policy.module.js';
import { StorageModule } from '../../storage/storage.module.js';
import { StorageService } from '../../storage/storage.service.js';
import { UPSTREAM_LIMITS, upstreamLimitsOf, type UpstreamLimits } from '../../upstreams/limits.js';
import { UpstreamsService } from '../../upstreams/upstreams.service.js';
import { GatewayService } from '../gateway.service.js';

/** Sign-ins that the tests use; the token is the name. The real sign-in has its own tests. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  alice: ['idp/engineering'],
  bob: ['idp/sales'],
  carol: ['idp/contractors'],
  dora: ['idp/leads'],
};

class FixedIdentity {
  readonly #ended: ((sessionId: string) => void)[] = [];
  /** Sign-ins whose person has left, as the IdP would say. */
  readonly left = new Set<string>();
  /** Sessions as the database has them, where that is newer. */
  readonly renewed = new Map<string, Session>();
  /** What the identity provider said of every sign-in. */
  signIn: Partial<Pick<Session, 'authTime' | 'acr' | 'amr'>> = {};
  /** Milliseconds. */
  tokenLife = 300_000;

  async identify(credentials: Credentials): Promise<Caller> {
    return this.callerOf(credentials);
  }

  requireToken(credentials: Credentials): string {
    return this.callerOf(credentials).session.id;
  }

  callerOf({ authorization }: Credentials): Caller {
    const name = authorization[0]?.replace('Bearer ', '') ?? '';
    const groups = GROUPS[name];
    if (groups === undefined) throw new CodedError(name === '' ? 'sign_in_needed' : 'token_invalid');
    const caller = callerOf(name, groups);
    const session = { ...caller.session, ...this.signIn };
    return { ...caller, session, tokenExpiresAt: Date.now() + this.tokenLife };
  }

  async confirm(sessionId: string): Promise<void> {
    if (this.left.has(sessionId)) throw new CodedError('session_ended');
  }

  async readSession(sessionId: string): Promise<Session | undefined> {
    if (this.left.has(sessionId)) return undefined;
    return this.renewed.get(sessionId) ?? this.#standing(sessionId);
  }

  #standing(sessionId: string): Session | undefined {
    const name = sessionId.replace('ses_', '');
    return name in GROUPS ? { ...callerOf(name, GROUPS[name]!).session, ...this.signIn } : undefined;
  }

  stepUpHandle(): string | undefined {
    return undefined;
  }

  watch(): Disposable {
    return { [Symbol.dispose]: () => undefined };
  }

  onSessionEnded(listener: (sessionId: string) => void): void {
    this.#ended.push(listener);
  }

  end(sessionId: string): void {
    for (const listener of this.#ended) listener(sessionId);
  }
}

function callerOf(name: string, groups: readonly string[]): Caller {
  const now = Date.now();
  return {
    session: {
      id: `ses_${name}`,
      person: {
        id: `usr_${name}`,
        provider: 'idp',
        issuer: 'https://idp.example',
        subject: name,
        email: `${name}@acme.example`,
        name,
      },
      clientId: 'mcp-bridge',
      deviceName: null,
      address: '127.0.0.1',
      groups,
      acr: null,
      amr: [],
      authTime: now,
      kind: 'person',
      actors: [],
      managedDevice: false,
      idleSeconds: null,
      idpSession: null,
      idpCheckedAt: now,
      createdAt: now,
      lastUsedAt: now,
      expiresAt: now + 3_600_000,
    },
    scopes: ['mcp'],
    audience: 'http://localhost/mcp',
    tokenExpiresAt: now + 300_000,
  };
}

export interface GatewayOptions {
  /** As in the settings; without it, SQLite. */
  readonly database?: string;
  readonly servers: Readonly<Record<string, unknown>>;
  readonly policies: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly limits?: Partial<UpstreamLimits>;
  /** Holds tools back until they are reviewed, as the product does; without it all count as reviewed, also those that no list names. */
  readonly reviews?: boolean;
  /** `limits:` of mcp-sso.yaml. */
  readonly settings?: Partial<Limits>;
  /** `audit.capture` of mcp-sso.yaml. */
  readonly capture?: unknown;
  /** `telemetry` of mcp-sso.yaml. */
  readonly telemetry?: unknown;
}

/** The gateway with the real policy, credentials, audit, storage and upstreams, on a real port. */
export class OpenGateway implements AsyncDisposable {
  readonly identity: FixedIdentity;

  private constructor(
    readonly app: NestFastifyApplication,
    readonly url: string,
    /** Where the database lies, and nothing else. */
    readonly folder: string,
  ) {
    this.identity = app.get<FixedIdentity>(IdentityService);
  }

  static async open(options: GatewayOptions): Promise<OpenGateway> {
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), 'mcp-sso-gateway-'));
    const app = await NestFactory.create<NestFastifyApplication>(
      moduleFor(configOf(`http://127.0.0.1:${port}`, folder, options), options),
      new FastifyAdapter(),
      { logger: false, abortOnError: false },
    );
    if (options.reviews !== true) app.get(DefinitionsService, { strict: false }).isReviewed = () => true;
    await app.listen(port, '127.0.0.1');
    await hire(app.get(StorageService, { strict: false }));
    return new OpenGateway(app, `http://127.0.0.1:${port}`, folder);
  }

  get desk(): ApprovalDesk {
    return this.app.get(ApprovalDesk, { strict: false });
  }

  get audit(): AuditService {
    return this.app.get(AuditService, { strict: false });
  }

  get storage(): StorageService {
    return this.app.get(StorageService, { strict: false });
  }

  /** Type, phase, target, decision and outcome of each record of a call or list, oldest first. */
  async records(): Promise<string[]> {
    const rows = await this.storage.db.selectFrom('audit_records').select('header').orderBy('idx').execute();
    const headers = rows.flatMap(({ header }) => parseHeader(header) ?? []);
    const payloads = await loadPayloads(this.storage.db, new SubjectKeys(this.storage), headers, true);
    return headers
      .filter(({ type }) => !type.startsWith('system.'))
      .map(({ id, type, phase, facts }) =>
        [
          type,
          phase,
          facts['server'],
          spelledIn(payloads.get(id)) ?? facts['target'],
          facts['decision'],
          facts['outcome'],
          facts['code'],
        ]
          .filter((part) => typeof part === 'string')
          .join(' '),
      );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.app.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function spelledIn(payload: Payload | undefined): string | undefined {
  return payload?.state === 'shown' ? payload.personal.target : undefined;
}

async function hire({ db }: StorageService): Promise<void> {
  const persons = Object.entries(GROUPS).map(([name, groups]) => {
    const { id, provider, issuer, subject, email } = callerOf(name, groups).session.person;
    return { id, provider, issuer, subject, email, name, created_at: 0 };
  });
  await db
    .insertInto('persons')
    .values(persons)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

function moduleFor(config: LoadedConfig, { limits }: GatewayOptions): new () => unknown {
  class GatewayUnderTest {
    readonly config = config;
  }
  Module({
    imports: [
      ConfigModule.of(config),
      ObservabilityModule,
      TelemetryModule,
      StorageModule,
      PolicyModule,
      CredentialsModule,
      AuditModule,
      ActiveCatalogModule,
    ],
    providers: [
      { provide: IdentityService, useClass: FixedIdentity },
      {
        provide: UPSTREAM_LIMITS,
        useValue: { ...upstreamLimitsOf(config.settings.limits), ...bySilence(limits), ...limits },
      },
      UpstreamsService,
      { provide: MessagingService, useValue: { announce: () => undefined } },
      ApprovalsService,
      ApprovalDesk,
      GatewayService,
      { provide: Health, useValue: new Health({}) },
      GracefulShutdown,
    ],
  })(GatewayUnderTest);
  return GatewayUnderTest;
}

function bySilence({ idle }: Partial<UpstreamLimits> = {}): Partial<UpstreamLimits> {
  return idle === undefined ? {} : { firstByte: idle };
}

function configOf(publicUrl: string, directory: string, options: GatewayOptions): LoadedConfig {
  const settings = settingsSchema.parse({
    publicUrl,
    logLevel: 'error',
    database: options.database ?? 'sqlite:./gateway.db',
    identity: { providers: { idp: { issuer: 'https://idp.example', clientId: 'c', clientSecret: 'env:S' } } },
    privateNetworks: LOOPBACK,
    servers: options.servers,
    limits: options.settings ?? {},
    audit: { capture: options.capture },
    telemetry: options.telemetry,
  });
  return {
    directory,
    settings,
    policyFiles: [{ file: 'policies/test.cedar', text: options.policies }],
    masterKey: Buffer.alloc(32, 9),
    environment: options.environment ?? {},
  };
}
