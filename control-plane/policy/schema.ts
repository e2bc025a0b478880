import type { ActionType, SchemaJson, Type } from '@cedar-policy/cedar-wasm/nodejs';
import type { Effect, Settings } from '../config/settings.js';
import { argumentsIn, cedarRecord } from './arguments/argument-type.js';
import { inputSchemaOf, isPath } from './arguments/read-arguments.js';
import { NO_DEFINITIONS, type KnownDefinitions } from './definitions/known-definitions.js';
import { effectOf } from './effects.js';
import { CALL, EFFECTS, GET_PROMPT, NAMESPACE, qualifierOf, qualify, READ_RESOURCE, USE_METHOD } from './names.js';

const STRING = { type: 'String' } as const;
const BOOLEAN = { type: 'Boolean' } as const;
const TEXTS = { type: 'Set', element: STRING } as const;
const record = (attribute: string) => ({ type: 'Record' as const, attributes: { [attribute]: STRING } });
const extension = (name: string) => ({ type: 'Extension' as const, name });

const TOOL = { name: STRING, effect: STRING, reviewed: BOOLEAN };

const ENTITY_TYPES = {
  Label: {},
  Agent: {},
  Group: {},
  User: { memberOfTypes: ['Group'] },
  Server: { memberOfTypes: ['Label'] },
  Tool: { memberOfTypes: ['Server', 'Label'], shape: { type: 'Record', attributes: TOOL } },
  Resource: { memberOfTypes: ['Server'], shape: record('uri') },
  Prompt: { memberOfTypes: ['Server'], shape: record('name') },
  Method: { memberOfTypes: ['Server'], shape: record('name') },
} as const;

/** Those that nobody may know are optional: a policy has to ask for them by `has`. */
const SESSION = {
  now: extension('datetime'),
  ip: extension('ipaddr'),
  networks: TEXTS,
  acr: { ...STRING, required: false },
  amr: TEXTS,
  signInAge: { ...extension('duration'), required: false },
  device: { ...STRING, required: false },
  managedDevice: BOOLEAN,
  agentDepth: { type: 'Long' },
  agents: { type: 'Set', element: { type: 'Entity', name: 'Agent' } },
  client: STRING,
  claimedClient: { ...STRING, required: false },
  kind: STRING,
} as const;

/** What `context.session` can have. */
export const SESSION_ATTRIBUTES: readonly string[] = Object.keys(SESSION);

/**
 * The Cedar schema that policies are checked against: the fixed types, and one action for each tool that the
 * settings or a policy name. An effect applies to tools itself, standing for the tools that nobody names. Only tools
 * whose definition is known have arguments.
 * @param named ids of the actions that policies name; those of unknown servers stay unknown.
 */
export function schemaFor(
  settings: Settings,
  named: readonly string[],
  known: KnownDefinitions = NO_DEFINITIONS,
): SchemaJson<string> {
  const actions = new Map<string, ActionType<string>>([
    [CALL, {}],
    ...EFFECTS.map((effect) => [effect, toolAction(CALL)] as const),
    [READ_RESOURCE, action('Resource')],
    [GET_PROMPT, action('Prompt')],
    [USE_METHOD, action('Method')],
  ]);
  for (const [id, effect] of toolActions(settings, named)) {
    if (!actions.has(id)) actions.set(id, toolAction(effect, argumentAttributes(id, known)));
  }
  const types = structuredClone(ENTITY_TYPES) as unknown as SchemaJson<string>[string]['entityTypes'];
  return {
    [NAMESPACE]: {
      commonTypes: { Session: { type: 'Record', attributes: structuredClone(SESSION) } },
      entityTypes: types,
      actions: Object.fromEntries(actions),
    },
  };
}

function toolActions(settings: Settings, named: readonly string[]): [string, Effect][] {
  const configured = Object.entries(settings.servers).flatMap(([server, { tools }]) =>
    Object.keys(tools).map((tool): [string, Effect] => [qualify(server, tool), effectOf(settings, server, tool)]),
  );
  const others = named.flatMap((id): [string, Effect][] => {
    const server = qualifierOf(id);
    if (server === undefined || !Object.hasOwn(settings.servers, server)) return [];
    return [[id, effectOf(settings, server, id.slice(server.length + 1))]];
  });
  return [...configured, ...others];
}

type Attributes = Record<string, Type<string>>;

/** `args`, and `paths` with the twins of those that can be paths. */
function argumentAttributes(id: string, known: KnownDefinitions): Attributes {
  const inputSchema = inputSchemaOf(known, id);
  if (inputSchema === undefined) return {};
  const members = argumentsIn(inputSchema);
  const paths = members.filter(({ type }) => type !== undefined && isPath(type));
  return { args: cedarRecord(members), paths: cedarRecord(paths) };
}

function toolAction(parent: string, more: Attributes = {}): ActionType<string> {
  return { ...action('Tool', more), memberOf: [{ id: parent }] };
}

function action(resource: string, more: Attributes = {}): ActionType<string> {
  const attributes = { session: { type: 'EntityOrCommon', name: 'Session' } as const, ...more };
  return {
    appliesTo: { principalTypes: ['User'], resourceTypes: [resource], context: { type: 'Record', attributes } },
  };
}
