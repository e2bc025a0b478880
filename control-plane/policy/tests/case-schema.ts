import { z } from 'zod';

const name = z.string().min(1).max(1000);

/** The sign-in behind the call. What is left out: nobody in any group, just signed in, at an unmanaged device, from nowhere in particular. */
const caller = z.strictObject({
  /** `usr_…`, where a policy names a person. */
  person: z.string().startsWith('usr_').optional(),
  groups: z.array(name).default([]),
  address: z.union([z.ipv4(), z.ipv6()]).optional(),
  /** Instead of an address: a network of the settings. */
  network: name.optional(),
  acr: name.optional(),
  amr: z.array(name).default([]),
  signInAgeMinutes: z.number().min(0).max(1_000_000).default(0),
  device: name.optional(),
  managedDevice: z.boolean().default(false),
  /** Who acts for the person, nearest first. */
  agents: z.array(name).default([]),
  client: name.default('mcp-bridge'),
  claimedClient: name.optional(),
  kind: z.enum(['person', 'service', 'break-glass']).default('person'),
});

const outcome = z.enum(['allow', 'deny', 'approval', 'step-up']);
export type ExpectedOutcome = z.output<typeof outcome>;

const TARGETS = ['tool', 'resource', 'prompt', 'method'] as const;

/** One case of `policies/*.test.yaml`. */
const policyCase = z
  .strictObject({
    name: z
      .string()
      .regex(/^(?=.*\S)[^\p{C}]{1,200}$/u)
      .optional(),
    as: caller.prefault({}),
    /** RFC 3339. Without it a Wednesday at noon, so that no test depends on when it is run. */
    at: z.iso.datetime({ offset: true }).default('2026-01-07T12:00:00Z'),
    server: name,
    tool: name.optional(),
    resource: name.optional(),
    prompt: name.optional(),
    method: name.optional(),
    args: z.record(z.string(), z.json()).default({}),
    reviewed: z.boolean().default(true),
    grant: z.enum(['grant', 'break-glass']).optional(),
    expect: outcome,
    /** Policies that must be among those that decide; an empty list where none may. */
    by: z.array(name).optional(),
  })
  .refine((one) => TARGETS.filter((kind) => one[kind] !== undefined).length === 1, { path: ['tool'] })
  .refine(({ as }) => as.address === undefined || as.network === undefined, { path: ['as', 'network'] });
export type PolicyCase = z.output<typeof policyCase>;

export const policyCases = z.array(policyCase).min(1);

export function targetOf(one: PolicyCase): { readonly kind: (typeof TARGETS)[number]; readonly name: string } {
  const kind = TARGETS.find((candidate) => one[candidate] !== undefined) ?? 'tool';
  return { kind, name: one[kind] ?? '' };
}

/** What to write under each key, by its path in a case: the second half of every fault. */
export const CASE_GUIDE: Readonly<Record<string, string>> = {
  '': 'write a list of cases, each with as, server, tool and expect',
  name: 'write one line of up to 200 characters',
  as: 'write who calls, for example { groups: [okta/sales] }',
  'as.person': 'write the id of a person, usr_…',
  'as.groups': 'write a list, for example [okta/sales]',
  'as.address': 'write an IP address',
  'as.network': 'write a name under networks of mcp-sso.yaml, and no address beside it',
  'as.signInAgeMinutes': 'write how many minutes ago the person proved who they are',
  'as.managedDevice': 'write true or false',
  'as.agents': 'write a list of agents, nearest first',
  'as.kind': 'write person, service or break-glass',
  at: 'write a time with its zone, for example 2026-01-07T12:00:00Z',
  server: 'write the name of a server of mcp-sso.yaml',
  tool: 'write exactly one of tool, resource, prompt and method',
  args: 'write the arguments of the call, for example { path: /srv/app }',
  reviewed: 'write false for a tool that waits for its reviewer',
  grant: 'write grant or break-glass, or leave it out',
  expect: 'write allow, deny, approval or step-up',
  by: 'write a list of @ids, for example [sales-reads-crm]',
};
