import { Inject, Injectable } from '@nestjs/common';
import { asCoded } from '#shared/errors.js';
import { ActiveCatalog } from '../catalog/active-catalog.js';
import type { CredentialSettings } from '../config/credential-settings.js';
import type { Settings } from '../config/settings.js';
import { MessagingService } from '../messaging/messaging.service.js';
import { Logger, shown } from '../observability/logger.js';
import { Metrics } from '../observability/metrics.js';
import { chooseCredential } from './choose-credential.js';
import type { CredentialResolver, CredentialScope } from './credential-scope.js';
import { CredentialStates, type CredentialState } from './credential-state.js';
import { isPersonal } from './personal-credential.js';

/** Milliseconds in which a server that keeps changing its mind is announced once. */
const QUIET = 15 * 60_000;

/** Whether servers take the company's credentials: for admins, operators and alarms. What belongs to a person is not looked at. */
@Injectable()
export class CredentialHealth {
  readonly #states = new CredentialStates();
  readonly #announced = new Map<string, number>();

  constructor(
    @Inject(ActiveCatalog) private readonly catalog: ActiveCatalog,
    @Inject(MessagingService) private readonly messaging: MessagingService,
    @Inject(Metrics) private readonly metrics: Metrics,
    @Inject(Logger) private readonly logger: Logger,
  ) {
    catalog.follow(() => () => this.#count());
  }

  /** The company's credentials of a server of the latest revision, in the order of the settings. */
  of(server: string): readonly CredentialState[] {
    const { servers } = this.catalog.latest;
    return companyCredentials(servers, server).map((credential) => this.#states.of(credential));
  }

  /** For operators: one sentence for each credential that does not open its server. */
  get notes(): readonly string[] {
    return this.#failing().map(({ server, state: { kind, state, since, detail } }) => {
      const what = state === 'refused' ? 'is refused by the server' : 'is not available';
      return `The credential of ${server} (${kind}) ${what} since ${timeText(since)}: ${detail}`;
    });
  }

  /** The same credentials, noting those that could not be had. */
  watch(credentials: CredentialResolver, servers: Settings['servers']): CredentialResolver {
    const noting = async <T>(scope: CredentialScope, step: Promise<T>): Promise<T> => {
      try {
        const had = await step;
        const credential = this.#companyOne(scope, servers);
        if (credential && this.#states.of(credential).state === 'unavailable') this.accepted(scope, servers);
        return had;
      } catch (error) {
        const { code, detail } = asCoded(error);
        if (code === 'credential_unavailable') this.#fails(scope, servers, 'unavailable', detail ?? code);
        throw error;
      }
    };
    return {
      resolve: (scope) => noting(scope, credentials.resolve(scope)),
      renew: (scope, refused) => noting(scope, credentials.renew(scope, refused)),
    };
  }

  /** The server has answered a request that carried it. */
  accepted(scope: CredentialScope, servers: Settings['servers']): void {
    const credential = this.#companyOne(scope, servers);
    if (credential && this.#states.change(credential, { state: 'ok', detail: null })) this.#count();
  }

  /** The server refused it, also what was had anew. Since when; undefined for what belongs to a person. */
  refused(scope: CredentialScope, servers: Settings['servers'], detail: string): number | undefined {
    const credential = this.#companyOne(scope, servers);
    if (credential === undefined) return undefined;
    this.#fails(scope, servers, 'refused', detail);
    return this.#states.of(credential).since ?? undefined;
  }

  #companyOne({ server, session }: CredentialScope, servers: Settings['servers']): CredentialSettings | undefined {
    const settings = Object.hasOwn(servers, server) ? servers[server] : undefined;
    const credential = settings && chooseCredential(settings, session.groups);
    return credential === undefined || isPersonal(credential) ? undefined : credential;
  }

  #fails(scope: CredentialScope, servers: Settings['servers'], state: 'refused' | 'unavailable', detail: string): void {
    const { server } = scope;
    const credential = this.#companyOne(scope, servers);
    if (credential === undefined || !this.#states.change(credential, { state, detail })) return;
    const facts = { server: shown(server), kind: shown(credential.kind), state: shown(state), detail: shown(detail) };
    this.logger.warn('credential.fails', facts);
    this.#count();
    this.#announce(server, credential, state);
  }

  #announce(server: string, { kind }: CredentialSettings, state: 'refused' | 'unavailable'): void {
    const at = Date.now();
    if (at - (this.#announced.get(server) ?? 0) < QUIET) return;
    this.#announced.set(server, at);
    const what = state === 'refused' ? 'is refused by the server' : 'is not available';
    const sentence = `The company’s credential for the MCP server ${server} (${kind}) ${what}: calls to it fail. Look at mcp-sso admin servers.`;
    this.messaging.announce({ kind: 'credential.refused', at, sentence, server, subject: server });
  }

  #failing(): readonly { readonly server: string; readonly state: CredentialState }[] {
    return Object.keys(this.catalog.latest.servers)
      .flatMap((server) => this.of(server).map((state) => ({ server, state })))
      .filter(({ state: { state } }) => state === 'refused' || state === 'unavailable');
  }

  #count(): void {
    const { credentialsFailing } = this.metrics;
    credentialsFailing.reset();
    for (const { server, state } of this.#failing()) {
      credentialsFailing.set({ server, kind: state.kind, state: state.state }, 1);
    }
  }
}

function companyCredentials(servers: Settings['servers'], server: string): readonly CredentialSettings[] {
  const settings = Object.hasOwn(servers, server) ? servers[server] : undefined;
  if (settings === undefined) return [];
  const all = [settings.credential, ...settings.credentialFor.map(({ credential }) => credential)];
  return all.filter((credential) => credential !== undefined && !isPersonal(credential)) as CredentialSettings[];
}

function timeText(at: number | null): string {
  return at === null ? 'now' : new Date(at).toISOString();
}
