import type { Requirements } from '../suite.js';

/**
 * The scenarios for clients that we run. Those of `auth/` test an OAuth client toward the server; the control plane has
 * none, because a server's credential is the company's (`servers.*.credential`).
 */
export const CLIENT_SCENARIOS: Readonly<Record<Requirements, readonly string[]>> = {
  '2025-11-25': [
    'initialize',
    'tools_call',
    'elicitation-sep1034-client-defaults',
    'sse-retry',
    'json-schema-2020-12-preservation',
  ],
  '2026-07-28': [
    'tools_call',
    'request-metadata',
    'sep-2322-client-request-state',
    'http-standard-headers',
    'http-custom-headers',
    'http-invalid-tool-headers',
    'json-schema-ref-no-deref',
    'json-schema-2020-12-preservation',
  ],
};
