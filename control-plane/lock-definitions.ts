import { asCoded } from '#shared/errors.js';
import { META, MODERN_VERSION } from '#shared/mcp/meta.js';
import { AuditService } from './audit/audit.service.js';
import { ActiveCatalog } from './catalog/active-catalog.js';
import type { LoadedConfig } from './config/settings.js';
import { CredentialHealth } from './credentials/credential-health.service.js';
import { CredentialsService } from './credentials/credentials.service.js';
import { CutLists } from './gateway/lists/cut-lists.js';
import { withDeadline } from './gateway/lists/deadline.js';
import { FaultyTools } from './gateway/lists/faulty-tools.js';
import { askForList } from './gateway/lists/fetch-list.js';
import { KnownTargets } from './gateway/lists/known-targets.js';
import { Logger } from './observability/logger.js';
import { offline } from './offline.js';
import { definitionOf } from './policy/definitions/definition.js';
import { formatLock, readLock } from './policy/definitions/lock-file.js';
import { PRODUCT } from './observability/product.js';
import { UpstreamsModule } from './upstreams/upstreams.module.js';
import { UpstreamsService } from './upstreams/upstreams.service.js';

interface Pinned {
  readonly server: string;
  readonly tool: string;
  readonly sha256: string;
  readonly text: string;
}

export interface LockOutcome {
  /** The text of `mcp-sso.lock.yaml`. */
  readonly text: string;
  readonly tools: number;
  /** Servers that gave no list, with the code of why; what the lock file said of them stays. */
  readonly failed: readonly { readonly server: string; readonly code: string }[];
}

/** Asks every configured server for its tools, with its credential and on record, and pins what they say now. */
export async function lockDefinitions(config: LoadedConfig): Promise<LockOutcome> {
  return offline(
    config,
    async (context) => {
      const audit = context.get(AuditService);
      const { limits } = config.settings;
      const { servers } = context.get(ActiveCatalog, { strict: false }).current();
      const parts = {
        credentials: context.get(CredentialsService, { strict: false }).at(servers),
        credentialHealth: context.get(CredentialHealth, { strict: false }),
        servers,
        publicUrl: config.settings.publicUrl,
        upstreams: context.get(UpstreamsService, { strict: false }).at(servers),
        definitions: {
          observe: async (_server: string, items: readonly object[]) => items as never,
          heldBack: () => [],
        },
        known: new KnownTargets(),
        cut: new CutLists(),
        faulty: new FaultyTools(),
        limits,
        logger: new Logger('error'),
      };
      const before = lockedBefore(config);
      const pinned: Pinned[] = [];
      const failed: { server: string; code: string }[] = [];
      for (const server of Object.keys(servers)) {
        const facts = { server, target: 'tools/list', decision: 'allow' as const };
        await audit.write({ type: 'list', phase: 'event', facts, subject: 'system', personal: { reason: 'lock' } });
        try {
          const { items } = await withDeadline(new AbortController().signal, limits.listSeconds * 1_000, (signal) =>
            askForList(parts, server, 'tools/list', { session: OPERATOR, client: CLIENT, meta: ENVELOPE, signal }),
          );
          for (const { tool, sha256, text } of items.map(definitionOf)) pinned.push({ server, tool, sha256, text });
        } catch (error) {
          failed.push({ server, code: asCoded(error).code });
          pinned.push(...before.filter((one) => one.server === server));
        }
      }
      return { text: formatLock(pinned), tools: pinned.length, failed };
    },
    [UpstreamsModule],
  );
}

const OPERATOR = { id: 'lock', groups: [] };
const CLIENT = { key: '', capabilities: {} };
const ENVELOPE = {
  [META.protocolVersion]: MODERN_VERSION,
  [META.clientInfo]: { ...PRODUCT },
  [META.clientCapabilities]: {},
};

function lockedBefore({ policyFiles }: LoadedConfig): Pinned[] {
  return [...readLock(policyFiles).lock].flatMap(([server, tools]) =>
    [...tools].flatMap(([tool, definitions]) =>
      [...definitions].map(([sha256, definition]) => ({ server, tool, sha256, text: JSON.stringify(definition) })),
    ),
  );
}
