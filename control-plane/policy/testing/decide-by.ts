import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { settingsSchema, type Settings } from '../../config/settings.js';
import { compilePolicies } from '../compile.js';
import type { Decision, PolicyInput } from '../decision.js';
import type { KnownDefinitions } from '../definitions/known-definitions.js';
import { evaluate, loadPolicies } from '../evaluate/evaluate.js';
import { inputOf } from './inputs.js';

/** A company with one provider and a server `crm`, for tests of policies. */
export const SETTINGS: Settings = settingsSchema.parse({
  publicUrl: 'https://mcp.acme.example',
  identity: {
    providers: { okta: { issuer: 'https://acme.okta.com', clientId: 'x', clientSecret: 'env:IDP_SECRET' } },
    serviceAccounts: { helper: { actsForPeople: true, privateKeyJwt: { publicKey: 'env:KEY' } } },
  },
  servers: {
    crm: {
      url: 'https://crm.acme.example/mcp',
      labels: ['prod'],
      tools: { list: { effect: 'read' }, pay: { effect: 'write', labels: ['money'] } },
    },
  },
  networks: { office: ['10.0.0.0/8'] },
});

/** Definitions of tools of `crm`, from their arguments' schemas by name. */
export function definitionsOf(tools: Readonly<Record<string, JsonObject>>): KnownDefinitions {
  const known = Object.entries(tools).map(([tool, { required = [], ...properties }]) => {
    return [tool, { inputSchema: { type: 'object', properties, required } }] as const;
  });
  return new Map([['crm', new Map(known)]]);
}

/** `@id` and `@reason` in front of a policy. */
export function named(id: string, policy: string, annotations = ''): string {
  return `@id("${id}") @reason("Because of ${id}.") ${annotations}\n${policy}\n`;
}

let slots = 0;

/** Decides about alice's use of a tool of `crm`, by policies that must be without faults. */
export function deciderOf(text: string, known?: KnownDefinitions): (input?: Partial<PolicyInput>) => Decision {
  const { faults, policies } = compilePolicies([{ file: 'policies/all.cedar', text }], SETTINGS, known);
  if (faults.length > 0)
    throw new Error(faults.map(({ line, message, fix }) => `${line}: ${message} → ${fix}`).join('\n'));
  const slot = `decide-by-${(slots += 1)}`;
  loadPolicies(slot, policies.texts, policies.unlessMet);
  const person = { id: 'usr_alice', groups: ['okta/engineering'] };
  const target = { kind: 'tool', name: 'pay', effect: 'write' } as const;
  return (input) => evaluate(slot, policies, inputOf({ person, server: 'crm', target, ...input }));
}
