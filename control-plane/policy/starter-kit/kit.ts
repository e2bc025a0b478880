import { stringify } from 'yaml';

/** One common case: policies with their tests, or why it does not apply here. */
export type Kit =
  | { readonly name: string; readonly cedar: string; readonly cases: readonly KitCase[] }
  | { readonly name: string; readonly leftOut: string };

/** As in `policies/*.test.yaml`. */
export interface KitCase {
  readonly name: string;
  readonly as: {
    readonly groups: readonly string[];
    readonly signInAgeMinutes?: number;
    /** So that the kit for managed devices, where it applies, changes no other kit's tests. */
    readonly managedDevice: boolean;
  };
  readonly at?: string;
  readonly server: string;
  readonly tool: string;
  readonly expect: 'allow' | 'deny' | 'approval' | 'step-up';
  readonly by?: readonly string[];
}

export const formatCases = (name: string, cases: readonly KitCase[]): string =>
  `# What ${name}.cedar must keep doing. A revision in which a case fails is refused (docs/guides/policies.md).\n${stringify(cases, { aliasDuplicateObjects: false })}`;

/** Cases for each of the tools that the settings know. */
export function casesFor<T extends KitCase>(...cases: readonly (T | undefined)[]): T[] {
  return cases.filter((one) => one !== undefined);
}

export const groupOf = (group: string): string => `Mcp::Group::${JSON.stringify(group)}`;
export const serverOf = (server: string): string => `Mcp::Server::${JSON.stringify(server)}`;
