import { policyToJson, type ActionConstraint, type Clause, type SchemaJson } from '@cedar-policy/cedar-wasm/nodejs';
import { nearestWord } from '../config/nearest-word.js';
import type { Fault, Settings } from '../config/settings.js';
import { argumentsIn, type Member } from './arguments/argument-type.js';
import { inputSchemaOf, isPath } from './arguments/read-arguments.js';
import type { KnownDefinitions } from './definitions/known-definitions.js';
import { FIXED_ACTIONS, qualifierOf } from './names.js';
import { comparedAsText } from './path-literals.js';
import { readsArguments, readsOf, type Reads } from './reads.js';
import type { SourcePolicy } from './source/read-policies.js';
import { faultAt, withoutComments } from './source/source-text.js';
import { validationFaults } from './validate-policies.js';

/** A policy that reads arguments, and of which tools. */
export interface Reader {
  readonly policy: SourcePolicy;
  readonly reads: Reads;
  /** Ids of their actions. */
  readonly tools: readonly string[];
  /** What is wrong with the policy itself. */
  readonly faults: readonly Fault[];
  /** What does not fit the definitions of the tools: these change without the policy. */
  readonly misfits: readonly Fault[];
  /** Those of the misfits that only say that nobody here knows the definition. */
  readonly unseen: readonly Fault[];
}

type Finding = Pick<Fault, 'message' | 'fix'>;

/** Those of the policies that read arguments. */
export function readersOf(
  policies: readonly SourcePolicy[],
  settings: Settings,
  known: KnownDefinitions,
): readonly Reader[] {
  return policies.flatMap((policy) => {
    const parsed = policyToJson(policy.text);
    const reads = readsOf(policy.text);
    if (parsed.type === 'failure' || !readsArguments(reads)) return [];
    const tools = toolsOf(parsed.json.action, settings);
    const unseen = tools
      .filter((id) => inputSchemaOf(known, id) === undefined)
      .map((id) => faultOf(policy, unknownDefinition(id)));
    const misfits = tools.flatMap((id) => misfitsOf(id, reads, known)).map((finding) => faultOf(policy, finding));
    return [
      {
        policy,
        reads,
        tools,
        faults: findingsOf(reads, tools, parsed.json.conditions).map((finding) => faultOf(policy, finding)),
        misfits: [...unseen, ...misfits],
        unseen,
      },
    ];
  });
}

/**
 * With what Cedar's validation finds, where nothing plainer was found yet. A policy that names tools passed it under the definitions
 * of its day, so what it finds later comes of these.
 */
export function withFindings(readers: readonly Reader[], schema: SchemaJson<string>): readonly Reader[] {
  const plain = readers.filter(({ faults, misfits }) => faults.length === 0 && misfits.length === 0);
  const found = validationFaults(
    plain.map(({ policy }) => policy),
    schema,
  );
  return readers.map((reader) => {
    const { key, source } = reader.policy;
    if (!plain.includes(reader)) return reader;
    // One that is about no policy in particular may be about any.
    return {
      ...reader,
      misfits: found.filter((fault) => fault.key === '' || (fault.key === key && fault.file === source.file)),
    };
  });
}

function findingsOf(reads: Reads, tools: readonly string[], conditions: readonly Clause[]): readonly Finding[] {
  if (reads.whole) return [WHOLE];
  if (tools.length === 0) return [NO_TOOLS];
  return comparedAsText(conditions.map(({ body }) => body)).map(pathFinding);
}

/** The tools that a scope names one by one; none where it leaves them open. */
function toolsOf(action: ActionConstraint, settings: Settings): readonly string[] {
  if (action.op === 'All' || 'slot' in action) return [];
  const entities = 'entities' in action ? action.entities : [action.entity];
  const ids = entities.map((entity) => ('__entity' in entity ? entity.__entity.id : entity.id));
  return ids.every((id) => isTool(id, settings)) ? ids : [];
}

function isTool(id: string, { servers }: Settings): boolean {
  return !FIXED_ACTIONS.has(id) && Object.hasOwn(servers, qualifierOf(id) ?? '');
}

/** A name that no argument has would make a test with `has` false for ever, and a forbid with it silent. */
function misfitsOf(id: string, { args, paths }: Reads, known: KnownDefinitions): readonly Finding[] {
  const inputSchema = inputSchemaOf(known, id);
  if (inputSchema === undefined) return [];
  const members = argumentsIn(inputSchema);
  const texts = members.filter(({ type }) => type !== undefined && isPath(type));
  return [
    ...[...args].map((name) => nameFinding(id, name, members)),
    ...[...paths].map((name) => pathNameFinding(id, name, members, texts)),
  ].filter((finding) => finding !== undefined);
}

function nameFinding(id: string, name: string, members: readonly Member[]): Finding | undefined {
  const member = members.find((one) => one.name === name);
  if (member === undefined) return unknownName(id, name, members);
  if (member.type !== undefined) return undefined;
  return {
    message: `the argument ${JSON.stringify(name)} of ${JSON.stringify(id)} has no type that policies can read`,
    fix: 'readable are texts, numbers, true or false, lists of one of these, and objects with named members',
  };
}

function pathNameFinding(
  id: string,
  name: string,
  members: readonly Member[],
  texts: readonly Member[],
): Finding | undefined {
  if (texts.some((one) => one.name === name)) return undefined;
  if (!members.some((one) => one.name === name)) return unknownName(id, name, texts);
  return {
    message: `the argument ${JSON.stringify(name)} of ${JSON.stringify(id)} is no path`,
    fix: `only texts and lists of texts have a context.paths.NAME; write context.args.${name}`,
  };
}

function unknownName(id: string, name: string, members: readonly Member[]): Finding {
  const known = members.map((member) => member.name);
  const nearest = nearestWord(name, known);
  const listed = `known are: ${known.slice(0, 20).join(', ') || 'none'}`;
  return {
    message: `the tool ${JSON.stringify(id)} has no argument ${JSON.stringify(name)}`,
    fix: nearest === undefined ? listed : `did you mean \`${nearest}\`? ${listed}`,
  };
}

const WHOLE = {
  message: '`context` or a part of it is taken as a whole',
  fix: 'read it by name: context.args.NAME, context.paths.NAME, context.session.NAME',
};
const NO_TOOLS = {
  message: 'the policy reads arguments and does not name the tools that have them',
  fix: 'write action == Mcp::Action::"server/tool", or action in [ … ] with several of these',
};

function unknownDefinition(id: string): Finding {
  return {
    message: `nobody knows the arguments of ${JSON.stringify(id)}: its definition was never seen`,
    fix: 'connect the server once, or write its definitions to mcp-sso.lock.yaml: mcp-sso-control-plane lock',
  };
}

function pathFinding(name: string): Finding {
  return {
    message: `a path is compared with context.args.${name} as it is spelled, so "/srv/../etc" passes for "/srv/…"`,
    fix: `write context.paths.${name}: the same path without dots, doubled slashes and escapes`,
  };
}

function faultOf(policy: SourcePolicy, finding: Finding): Fault {
  const at = withoutComments(policy.text).search(/\bcontext\b/);
  return faultAt(policy.source, policy.start + Math.max(0, at), { key: policy.key, ...finding });
}
