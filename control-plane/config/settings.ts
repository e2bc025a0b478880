import { SERVER_ID } from '#shared/mcp/names.js';
import { z } from 'zod';
import { auditSettings } from './audit-settings.js';
import { clientSettings } from './client-settings.js';
import { credentialSettings, groupCredential, SCOPE } from './credential-settings.js';
import { hostedKeys } from './hosted-settings.js';
import { limitsSchema } from './limits.js';
import { notificationSettings } from './notification-settings.js';
import { providerSettings } from './provider-settings.js';
import { keyReference, outerReference } from './reference-form.js';
import { secretStoreSettings } from './secret-store-settings.js';
import { machineKeys } from './machine-settings.js';
import { sessionSettings } from './session-settings.js';
import { telemetrySettings } from './telemetry-settings.js';

/**
 * `mcp-sso.yaml`, exactly (design §4.2). Objects are strict: an unknown key is a fault.
 * Cross-references (roles → providers, tools → servers) and addresses are checked in `check-settings.ts`.
 */
const label = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'use lower-case letters, digits and dashes');

const group = z.string().regex(/^[a-z0-9][a-z0-9-]*\/.+$/, 'write <provider>/<group>');

const server = z.strictObject({
  title: z.string().min(1).optional(),
  /** Either this or `command`. */
  url: z.url({ protocol: /^https?$/, error: 'write the http(s) address of the server’s MCP endpoint' }).optional(),
  /** `sse` for a server of 2024-11-05, whose answers come on a stream of their own. */
  transport: z.enum(['streamable-http', 'sse']).optional(),
  /** What opens it: for everyone, except whom `credentialFor` names. */
  credential: credentialSettings.optional(),
  credentialFor: z.array(groupCredential).max(32).default([]),
  ...hostedKeys,
  /** What a tool does to the world, set by an admin. A tool that is not named here counts as `destroy`. */
  tools: z
    .record(
      z.string(),
      z.strictObject({
        effect: z.enum(['read', 'write', 'destroy']).optional(),
        labels: z.array(label).optional(),
        /** The token of a call has these scopes and no others, where the kind of the credential can do that. */
        scopes: z
          .array(z.string().regex(SCOPE, 'write one scope, without blanks and quotes'))
          .min(1)
          .max(64)
          .optional(),
      }),
    )
    .default({}),
  /** For policies: `Mcp::Label::"prod"`. */
  labels: z.array(label).default([]),
  /** Which definitions of tools wait for a reviewer: later changes and additions, or all. */
  review: z.enum(['first-use', 'required']).default('first-use'),
  /** Groups that answer for it: who is in one reads, without any role, who has access to this server (`mcp-sso audit report review`). */
  owners: z.array(group).min(1).max(32).optional(),
});

/** What each may do is design §4.2; a route names the roles that open it. */
export const ROLES = ['owner', 'admin', 'author', 'approver', 'auditor', 'helpdesk'] as const;
export type Role = (typeof ROLES)[number];

const providerId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,23}$/, 'use lower-case letters, digits and dashes')
  .regex(/^(?!service$)/, 'choose another name: service/… are the groups of service accounts')
  .regex(/^(?!break-glass$)/, 'choose another id: break-glass stands for codes that are made on this host');
const serverId = z
  .string()
  .regex(SERVER_ID, 'use up to 24 lower-case letters, digits and dashes')
  // Policies have the fixed actions `resource/read`, `prompt/get` and `method/use`, which a tool must not be able to take.
  .regex(/^(?!(?:resource|prompt|method)$)/, 'choose another id: policies use this word for something else');

export const settingsSchema = z.strictObject({
  /** The only origin; nothing is derived from request headers. */
  publicUrl: z.url({ protocol: /^https?$/ }),
  listen: z.string().default('127.0.0.1:8700'),
  /** `/metrics` and health details; never public. */
  adminListen: z.string().default('127.0.0.1:8701'),
  database: z
    .string()
    .regex(
      /^(sqlite:.+|postgres(ql)?:\/\/.+|env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/,
      'write sqlite:PATH or the address of a PostgreSQL, or env:NAME or file:PATH that hold one',
    )
    .default('sqlite:./data/mcp-sso.db'),
  /** What wraps the root key, under which everything stored is sealed. */
  masterKey: keyReference.default('file:./master.key'),
  /** The one before it, until `rotate-keys --master-key` has run and every control plane was started anew. */
  previousMasterKey: keyReference.optional(),
  /** Vaults and secret managers of others. */
  secretStores: secretStoreSettings,
  /** Networks whose `X-Forwarded-For` is believed, for the client's address and nothing else. */
  trustedProxies: z.array(z.union([z.cidrv4(), z.cidrv6()])).default([]),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  /** Who makes new revisions of servers, roles and policies: this directory, or the admin API. Never both. */
  catalog: z.strictObject({ source: z.enum(['files', 'api']).default('files') }).default({ source: 'files' }),
  identity: z.strictObject({
    providers: z.record(providerId, providerSettings),
    /** How long people keep working on the IdP's last answer while it cannot be asked (docs/decisions/023). */
    graceSeconds: z.int().min(0).max(3600).default(900),
    /** Where a device login may be approved, against where it was started; `off` shuts it. */
    deviceLogin: z.enum(['off', 'same-network', 'anywhere']).default('same-network'),
    ...machineKeys(outerReference),
    clients: clientSettings,
    sessions: sessionSettings(z.enum(ROLES)),
  }),
  roles: z.partialRecord(z.enum(ROLES), z.array(group)).default({}),
  servers: z.record(serverId, server),
  limits: limitsSchema,
  /** Access for some time although no policy permits it. */
  grants: z
    .strictObject({
      maxMinutes: z.int().min(1).max(1440).default(480),
      /** Who may take access themselves in an emergency: short, alarmed, looked into afterwards. Nobody unless set. */
      breakGlass: z
        .strictObject({ groups: z.array(group).min(1), maxMinutes: z.int().min(1).max(60).default(30) })
        .optional(),
    })
    .prefault({}),
  /** How long a call waits for somebody's approval. */
  approvals: z.strictObject({ minutes: z.int().min(1).max(60).default(15) }).prefault({}),
  /** People’s own accounts at MCP servers. */
  connections: z
    .strictObject({
      /** Without a call; then they are revoked. */
      idleDays: z.int().min(1).max(3650).default(90),
    })
    .prefault({}),
  /** Ranges of private addresses in which MCP servers and their authorization servers may lie; none unless written down. */
  privateNetworks: z.array(z.union([z.cidrv4(), z.cidrv6()])).default([]),
  /** Named networks, for policies: `context.session.networks.contains("office")`. */
  networks: z.record(label, z.array(z.union([z.cidrv4(), z.cidrv6()]))).default({}),
  notifications: notificationSettings,
  audit: auditSettings,
  telemetry: telemetrySettings,
});

export type Settings = z.output<typeof settingsSchema>;
export type ServerSettings = Settings['servers'][string];
/** A server that the control plane runs itself, over stdio. */
export type HostedSettings = ServerSettings & { readonly command: readonly string[] };
export type { ProviderSettings } from './provider-settings.js';
export type { CredentialSettings } from './credential-settings.js';
export type Effect = 'read' | 'write' | 'destroy';

export function isHosted(settings: ServerSettings): settings is HostedSettings {
  return settings.command !== undefined;
}

/** A fault of the configuration, as `check` prints it. Lines and columns count from 1. */
export interface Fault {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Dotted path of the key (`servers.crm.url`) or the policy's id. */
  readonly key: string;
  readonly message: string;
  /** What to do about it. */
  readonly fix: string;
}

/** One file that belongs to the policies: `policies/*.cedar`, `policies/*.test.yaml` or `mcp-sso.lock.yaml`, as read from disk. */
export interface PolicyFile {
  /** Path relative to the configuration directory, as faults name it. */
  readonly file: string;
  readonly text: string;
}

/** A configuration directory that passed every check. */
export interface LoadedConfig {
  readonly directory: string;
  readonly settings: Settings;
  readonly policyFiles: readonly PolicyFile[];
  /** 32 bytes, where the settings name a key of our own and not one of a key service. */
  readonly masterKey?: Buffer;
  readonly previousMasterKey?: Buffer;
  /** The process's environment, for `env:` references; nothing else reads it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}
