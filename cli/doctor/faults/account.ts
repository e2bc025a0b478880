import type { FaultForm } from '../finding.js';

/** What can be wrong behind the control plane: the identity provider, the session, the servers. */
export const ACCOUNT_FAULTS = {
  'identity-provider': {
    idp_unreachable_there: {
      state: 'failed',
      code: 'idp_unreachable',
      text: 'The control plane cannot start a sign-in at the company’s identity provider (HTTP status {status}).',
      fix: { person: 'administrator', task: 'Look into the log of the control plane for the identity provider.' },
    },
    idp_unreachable_here: {
      state: 'failed',
      code: 'idp_unreachable',
      text: 'The identity provider {host} cannot be reached from this computer. {problem}',
      fix: { person: 'network team', task: 'Let browsers of this network open https://{host}.' },
    },
  },
  session: {
    not_signed_in: {
      state: 'failed',
      code: 'sign_in_needed',
      text: 'You are not signed in at {origin}.',
      fix: { command: 'mcp-sso login --url {origin}' },
    },
    session_ended: {
      state: 'failed',
      code: 'sign_in_needed',
      text: 'The control plane has ended your session. {why}',
      fix: { command: 'mcp-sso login --url {origin}' },
    },
    session_unconfirmed: {
      state: 'failed',
      code: 'network',
      text: 'Whether your session lives could not be asked. {why}',
      fix: { person: 'administrator', task: 'Look into the log of the control plane.' },
    },
    session_unreadable: {
      state: 'failed',
      code: 'credential_store',
      text: 'The saved sign-in cannot be opened. {why}',
      fix: { command: 'mcp-sso logout --all' },
    },
  },
  servers: {
    no_servers: {
      state: 'warning',
      code: 'policy_denied',
      text: 'No policy lets you use an MCP server.',
      fix: {
        person: 'administrator',
        task: 'Give this person’s groups access; who may what is shown by: mcp-sso policy grid',
      },
    },
    servers_unknown: {
      state: 'failed',
      code: 'internal',
      text: 'The control plane did not list the servers. {why}',
      fix: { person: 'administrator', task: 'Look into the log of the control plane.' },
    },
    server_silent: {
      state: 'failed',
      code: 'upstream_unreachable',
      text: 'The server {server} does not answer the control plane.',
      fix: { person: 'administrator', task: 'Start {server}, or correct its address: mcp-sso admin servers' },
    },
    server_failing: {
      state: 'failed',
      code: 'upstream_invalid',
      text: 'The server {server} does not list its tools. {why}',
      fix: { person: 'administrator', task: 'Look into the log of the control plane for {server}.' },
    },
    server_slow: {
      state: 'warning',
      code: 'upstream_timeout',
      text: 'The server {server} took {milliseconds} ms to list its tools.',
      fix: { person: 'administrator', task: 'Look why {server} is slow.' },
    },
    connection_wanted: {
      state: 'warning',
      code: 'connection_needed',
      text: 'The server {server} waits for your own account there.',
      fix: { command: 'mcp-sso connections connect {server}' },
    },
    tools_waiting: {
      state: 'warning',
      code: 'review_stale',
      text: 'The server {server} has {count} tools that nobody has reviewed yet.',
      fix: { person: 'administrator', task: 'Review them: mcp-sso reviews list' },
    },
    list_cut: {
      state: 'warning',
      code: 'internal',
      text: 'The server {server} has more tools than are shown ({limit}).',
      fix: { person: 'administrator', task: 'Raise {limit} in mcp-sso.yaml.' },
    },
  },
} as const satisfies Record<string, Record<string, FaultForm>>;
