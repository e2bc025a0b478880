import { freePort } from '../../../demo/stack/ports.js';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Get, Module, type DynamicModule, type Type } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { SCOPES } from '#shared/api/paths.js';
import { MAX_SESSION_ID } from '#shared/api/sessions.js';
import { AuditModule } from '../../audit/audit.module.js';
import { ConfigModule } from '../../config/config.module.js';
import { settingsSchema, type LoadedConfig } from '../../config/settings.js';
import { LOOPBACK } from '../../egress/testing/loopback.js';
import { ProblemFilter } from '../../http/problem-filter.js';
import { ObservabilityModule } from '../../observability/observability.module.js';
import { StorageModule } from '../../storage/storage.module.js';
import { AccessGuard } from '../access/access.guard.js';
import { CurrentCaller } from '../access/current-caller.decorator.js';
import { Requires } from '../access/requires.decorator.js';
import { AuthorizationServer, serverFactory } from '../authorization-server/mount.js';
import type { Caller } from '../caller.js';
import { IdentityModule } from '../identity.module.js';
import { IDP_CLIENT, TestIdp, type IdpOptions } from './idp.js';

@Controller('api/v1')
class ProbeController {
  @Get('probe')
  @Requires({ scope: SCOPES.self })
  probe(@CurrentCaller() caller: Caller): { person: string; groups: readonly string[] } {
    return { person: caller.session.person.subject, groups: caller.session.groups };
  }

  @Get('audited')
  @Requires({ scope: SCOPES.auditRead, roles: ['auditor'] })
  audited(): { ok: true } {
    return { ok: true };
  }

  @Get('forgotten')
  forgotten(): { secret: string } {
    return { secret: 'never shown' };
  }
}

@Module({})
class ProbeModule {
  static of(config: LoadedConfig, modules: readonly (Type | DynamicModule)[]): DynamicModule {
    return {
      module: ProbeModule,
      imports: [ConfigModule.of(config), ObservabilityModule, StorageModule, AuditModule, IdentityModule, ...modules],
      controllers: [ProbeController],
      providers: [
        { provide: APP_GUARD, useClass: AccessGuard },
        { provide: APP_FILTER, useClass: ProblemFilter },
      ],
    };
  }
}

export interface ApplicationOptions extends Partial<IdpOptions> {
  /** Where it listens; any free one where absent. */
  readonly port?: number;
  readonly publicUrl?: string;
  /** As in the settings; without it, SQLite. */
  readonly database?: string;
  /** Another application's, which outlives this one. */
  readonly idp?: TestIdp;
  /** Rooms above identity, where a test needs them. */
  readonly modules?: readonly (Type | DynamicModule)[];
  /** `identity.clients` of `mcp-sso.yaml`. */
  readonly clients?: Readonly<Record<string, unknown>>;
  /** `identity.sessions` of `mcp-sso.yaml`. */
  readonly sessions?: Readonly<Record<string, unknown>>;
  /** More of `mcp-sso.yaml`. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly environment?: Readonly<Record<string, string>>;
  /** More of `identity.providers.corp`. */
  readonly provider?: Readonly<Record<string, unknown>>;
  /** Role → groups. */
  readonly roles?: LoadedConfig['settings']['roles'];
  /** MCP servers, as in `mcp-sso.yaml`. */
  readonly servers?: object;
}

export interface TestApplication extends AsyncDisposable {
  readonly app: NestFastifyApplication;
  /** Where it listens; the same as `publicUrl` unless a proxy is pretended. */
  readonly address: string;
  readonly publicUrl: string;
  readonly idp: TestIdp;
}

/** Identity for real: HTTP on loopback, SQLite in a temporary folder, a second OpenID provider as the IdP. */
export async function startApplication(options: ApplicationOptions = {}): Promise<TestApplication> {
  const directory = await mkdtemp(join(tmpdir(), 'mcp-sso-identity-'));
  const port = options.port ?? (await freePort());
  const address = `http://127.0.0.1:${port}`;
  const publicUrl = options.publicUrl ?? address;
  const idp = options.idp ?? (await TestIdp.start({ redirectUri: `${publicUrl}/auth/callback`, ...options }));
  const config = configOf(directory, publicUrl, idp.issuer, options);
  const app = await createApplication(config, options.modules ?? []);
  await app.listen(port, '127.0.0.1');
  return {
    app,
    address,
    publicUrl,
    idp,
    async [Symbol.asyncDispose]() {
      app.getHttpServer().closeAllConnections();
      await app.close();
      if (!options.idp) await idp.close();
      await rm(directory, { recursive: true });
    },
  };
}

async function createApplication(
  config: LoadedConfig,
  modules: readonly (Type | DynamicModule)[],
): Promise<NestFastifyApplication> {
  let server: AuthorizationServer | undefined;
  const adapter = new FastifyAdapter({
    routerOptions: { maxParamLength: MAX_SESSION_ID },
    serverFactory: serverFactory(() => server),
  });
  const app = await NestFactory.create<NestFastifyApplication>(ProbeModule.of(config, modules), adapter, {
    logger: false,
  });
  await app.init();
  server = app.get(AuthorizationServer);
  return app;
}

function configOf(
  directory: string,
  publicUrl: string,
  issuer: string,
  {
    roles = { auditor: ['corp/security'] },
    servers = {},
    database = 'sqlite:./test.db',
    settings = {},
    clients = {},
    sessions = {},
    environment = {},
    provider = {},
  }: ApplicationOptions,
): LoadedConfig {
  return {
    directory,
    settings: settingsSchema.parse({
      publicUrl,
      database,
      logLevel: 'error',
      identity: {
        clients,
        sessions,
        providers: { corp: { issuer, clientId: IDP_CLIENT.id, clientSecret: 'env:IDP_SECRET', ...provider } },
      },
      roles,
      privateNetworks: LOOPBACK,
      servers,
      ...settings,
    }),
    policyFiles: [],
    masterKey: Buffer.alloc(32, 3),
    environment: { IDP_SECRET: IDP_CLIENT.secret, ...environment },
  };
}
