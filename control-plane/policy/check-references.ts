import type { Fault, Settings } from '../config/settings.js';
import { nearestWord } from '../config/nearest-word.js';
import { CALL, EFFECTS, qualifierOf, TYPES } from './names.js';
import type { SourcePolicy } from './source/read-policies.js';
import type { Reference } from './source/references.js';
import { faultAt, withoutComments } from './source/source-text.js';

const GROUPS_OF_ACTIONS: ReadonlySet<string> = new Set([CALL, ...EFFECTS]);

type Finding = Pick<Fault, 'message' | 'fix'>;

/**
 * Names of servers, providers and people that can match nothing. Cedar takes any id of a known type, and a
 * policy that can't match is silent: a `forbid` with a typing error would forbid nothing.
 */
export function referenceFaults(policy: SourcePolicy, references: readonly Reference[], settings: Settings): Fault[] {
  return references.flatMap((reference) => {
    const finding = comparedGroup(policy, reference) ?? judge(reference, settings);
    return finding === undefined ? [] : [faultAt(policy.source, reference.index, { key: policy.key, ...finding })];
  });
}

const AFTER_IN = /\bin\s*(?:\[[^\]]*)?$/;

/** No call's own action is a group of actions, so `action == Action::"destroy"` never holds, and `!=` always. Cedar says nothing of it. */
function comparedGroup({ start, text }: SourcePolicy, { type, id, index }: Reference): Finding | undefined {
  if (type !== TYPES.action || !GROUPS_OF_ACTIONS.has(id)) return undefined;
  if (AFTER_IN.test(withoutComments(text).slice(0, index - start))) return undefined;
  return {
    message: `${quoted(id)} is a group of actions, and no action equals it`,
    fix: `write action in ${type}::${quoted(id)}`,
  };
}

function judge({ type, id }: Reference, settings: Settings): Finding | undefined {
  switch (type) {
    case TYPES.server:
      return unknown('server', id, Object.keys(settings.servers));
    case TYPES.tool:
    case TYPES.resource:
    case TYPES.prompt:
    case TYPES.method:
      return (
        unqualified(id, `${type}::"<server>/<name>"`) ??
        unknown('server', qualifierOf(id), Object.keys(settings.servers))
      );
    case TYPES.group: {
      const providers = Object.keys(settings.identity.providers);
      if (qualifierOf(id) === 'service') return unknown('service account or group', id, serviceGroups(settings));
      return (
        unqualified(id, `${type}::"<provider>/<group>"`) ?? unknown('identity provider', qualifierOf(id), providers)
      );
    }
    case TYPES.label:
      return unknown('label', id, labelsOf(settings));
    case TYPES.agent:
      return unknown('agent (a service account with actsForPeople)', id, agentsOf(settings));
    case TYPES.user:
      if (id.startsWith('usr_')) return undefined;
      return { message: `${quoted(id)} is not the id of a person`, fix: `write ${type}::"usr_…", or name a group` };
    default:
      return undefined;
  }
}

/** What a service account may be named by: itself, and the groups that the settings give it. */
function serviceGroups({ identity: { serviceAccounts } }: Settings): string[] {
  const accounts = Object.keys(serviceAccounts).map((name) => `service/${name}`);
  const groups = Object.values(serviceAccounts).flatMap((account) => account.groups);
  return [...new Set(accounts.concat(groups))];
}

function labelsOf({ servers }: Settings): string[] {
  const tools = Object.values(servers).flatMap((server) => Object.values(server.tools));
  const labels = [...Object.values(servers), ...tools].flatMap((labelled) => labelled.labels ?? []);
  return [...new Set(labels)];
}

/** Whoever may act for people, by the client id that stands in a session's `actors`. */
function agentsOf({ identity: { serviceAccounts } }: Settings): string[] {
  const acting = Object.entries(serviceAccounts).filter(([, { actsForPeople }]) => actsForPeople);
  return acting.map(([name]) => `service/${name}`);
}

function unqualified(id: string, form: string): Finding | undefined {
  return qualifierOf(id) === undefined
    ? { message: `${quoted(id)} lacks its first half`, fix: `write ${form}` }
    : undefined;
}

function unknown(what: string, name: string | undefined, known: readonly string[]): Finding | undefined {
  if (name === undefined || known.includes(name)) return undefined;
  const nearest = nearestWord(name, known);
  const listed = known.length === 0 ? 'none' : known.join(', ');
  return {
    message: `there is no ${what} ${quoted(name)} in the settings`,
    fix: nearest === undefined ? `known are: ${listed}` : `did you mean \`${nearest}\`? Known are: ${listed}`,
  };
}

function quoted(id: string): string {
  return JSON.stringify(id.replaceAll(/\p{C}/gu, '\u{fffd}').slice(0, 100));
}
