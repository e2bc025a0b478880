import { z } from 'zod';

/** What kinds of secrets are told apart. `named`: a value under a name like `API_KEY`; `random`: what only looks like a key. */
const SECRET_KINDS = [
  'anthropic_key',
  'aws_access_key',
  'basic_authorization',
  'bearer_authorization',
  'github_token',
  'gitlab_token',
  'google_key',
  'jwt',
  'named',
  'npm_token',
  'openai_key',
  'private_key',
  'random',
  'slack_token',
  'stripe_key',
  'url_password',
] as const;

/** What is wrong with one server or one file, worst first. Each is a rule of the SARIF output. */
export const PROBLEMS = [
  'answers-without-login',
  'plaintext-secret',
  'bound-to-every-address',
  'unencrypted-address',
  'unpinned-package',
  'not-behind-mcp-sso',
] as const;
export type Problem = (typeof PROBLEMS)[number];

const problemSchema = z.enum(PROBLEMS);

/** Secrets of one kind in one place. Never a value, nor a part of one. */
const secretSchema = z.object({
  kind: z.enum(SECRET_KINDS),
  in: z.enum(['argument', 'env', 'header', 'url', 'setting']),
  count: z.number().int(),
});
export type FoundSecret = z.output<typeof secretSchema>;

/** What a package runner would fetch and run. */
const packageSchema = z.object({
  /** Where it comes from: npm, PyPI, an image registry, a Git repository, or the extension that brings it along. */
  registry: z.enum(['npm', 'pypi', 'oci', 'git', 'bundle']),
  name: z.string(),
  /** As the config says it; null where it says none. */
  version: z.string().nullable(),
  /** Whether it is the same code at every start: one exact version, digest or commit. */
  pinned: z.boolean(),
});
export type LaunchedPackage = z.output<typeof packageSchema>;

/** One MCP server that the config of an AI app names. Everything in it is fit to leave the machine. */
const configuredServerSchema = z.object({
  name: z.string(),
  /** `claude-desktop`. */
  app: z.string(),
  appTitle: z.string(),
  scope: z.enum(['machine', 'user', 'project', 'extension']),
  /** Whose it is; null for the whole machine. */
  account: z.string().nullable(),
  file: z.string(),
  /** From 1. */
  line: z.number().int(),
  /** False where the config switches it off. */
  enabled: z.boolean(),
  transport: z.enum(['stdio', 'http', 'sse', 'unknown']),
  command: z.string().nullable(),
  /** Null stands for an argument that is withheld, as it may be a secret; cut after 32. */
  args: z.array(z.string().nullable()),
  package: packageSchema.nullable(),
  /** Without account, query and fragment; `…` stands for a segment that is withheld. */
  url: z.string().nullable(),
  /** Address that a command of its own is told to listen at. */
  bind: z.string().nullable(),
  /** Names only. */
  env: z.array(z.string()),
  headers: z.array(z.string()),
  secrets: z.array(secretSchema),
  /** `bridge`: it is our bridge; `gateway`: its address is the control plane's. */
  behind: z.enum(['bridge', 'gateway']).nullable(),
  problems: z.array(problemSchema),
});
export type ConfiguredServer = z.output<typeof configuredServerSchema>;

/** Who holds a listening socket of this machine. Null where that cannot be seen. */
const ownerSchema = z.object({
  pid: z.number().int().nullable(),
  process: z.string().nullable(),
  user: z.string().nullable(),
});
export type SocketOwner = z.output<typeof ownerSchema>;

/** One place on the network that answered as an MCP server does, or did not answer in time. */
const endpointSchema = z.object({
  url: z.string(),
  /** Which option led to it. */
  found: z.enum(['listening', 'net', 'hosts']),
  /**
   * `open`: lists its tools to strangers; `protected`: asks for a login; `guarded`: asks for a login, and nothing shows that it is
   * MCP; `silent`: takes the connection and says nothing in time.
   */
  state: z.enum(['open', 'protected', 'guarded', 'silent']),
  /** The revision that it answered in; null where it said none. */
  revision: z.string().nullable(),
  transport: z.enum(['http', 'sse']).nullable(),
  /** As it calls itself. */
  server: z.object({ name: z.string(), version: z.string() }).nullable(),
  /** Names; cut after 200. Null where it is not open, or would not list them. */
  tools: z.array(z.string()).nullable(),
  toolsCut: z.boolean(),
  /** Where its owner says how to get in (RFC 9728). */
  resourceMetadata: z.string().nullable(),
  /** The name of its address in DNS. */
  hostName: z.string().nullable(),
  /** With `listening`: the address that it listens at, as the system has it. */
  bind: z.string().nullable(),
  owner: ownerSchema.nullable(),
  problems: z.array(problemSchema),
});
export type Endpoint = z.output<typeof endpointSchema>;

/** A file that was left out, and why. The reason quotes nothing of it. */
const unreadFileSchema = z.object({
  file: z.string(),
  app: z.string(),
  account: z.string().nullable(),
  line: z.number().int().nullable(),
  reason: z.string(),
});
export type UnreadFile = z.output<typeof unreadFileSchema>;

/** What `mcp-sso inventory --json` prints. */
export const inventorySchema = z.object({
  /** Of this form. */
  version: z.literal(1),
  /** RFC 3339, UTC. */
  at: z.string(),
  machine: z.object({ name: z.string(), platform: z.string() }),
  servers: z.array(configuredServerSchema),
  endpoints: z.array(endpointSchema),
  unread: z.array(unreadFileSchema),
  /** What was looked at, so that nothing found is no more than it is. */
  looked: z.object({
    homes: z.number().int(),
    files: z.number().int(),
    folders: z.number().int(),
    addresses: z.number().int(),
  }),
  /** Sentences: what could not be looked at. */
  gaps: z.array(z.string()),
});
export type Inventory = z.output<typeof inventorySchema>;
