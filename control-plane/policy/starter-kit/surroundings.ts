import type { Effect, Settings } from '../../config/settings.js';

/** What the kit is adapted to. */
export interface Surroundings {
  /** The identity provider whose groups are named. */
  readonly provider: string;
  readonly servers: readonly KnownServer[];
  /** Whether a provider says which devices are managed. */
  readonly knowsDevices: boolean;
  /** Who approves: a group of the role, or one to be filled in. */
  readonly approvers: string;
}

export interface KnownServer {
  readonly id: string;
  /** Of each effect the first tool that has it by the settings. */
  readonly tools: Readonly<Partial<Record<Effect, string>>>;
}

/** A tool that nobody has given an effect counts as `destroy`. */
export const UNKNOWN_TOOL = 'a_tool_without_effect';

export function surroundingsOf({ identity, servers, roles }: Settings): Surroundings {
  const providers = Object.entries(identity.providers);
  const provider = providers[0]?.[0] ?? 'company';
  return {
    provider,
    servers: Object.entries(servers).map(([id, { tools }]) => ({ id, tools: toolsOf(tools) })),
    knowsDevices: providers.some(([, { managedDevice }]) => managedDevice !== undefined),
    approvers: roles.approver?.[0] ?? roles.owner?.[0] ?? `${provider}/leads`,
  };
}

function toolsOf(tools: Settings['servers'][string]['tools']): KnownServer['tools'] {
  const found: Partial<Record<Effect, string>> = {};
  for (const [name, { effect }] of Object.entries(tools)) if (effect !== undefined) found[effect] ??= name;
  return found;
}

/** The servers whose names say what they are for. */
export function serversLike({ servers }: Surroundings, pattern: RegExp): readonly KnownServer[] {
  return servers.filter(({ id }) => pattern.test(id));
}
