import { describe, expect, it } from 'vitest';
import { secretKind } from './secret-text.js';

const join = (...parts: readonly string[]): string => parts.join('');

describe('secretKind', () => {
  it.each([
    ['GITHUB_TOKEN', join('gh', 'p_', 'Zq81LmXw02PvKc93RtYb47NdHs65JfGa10Ue'), 'github_token'],
    ['X', join('github', '_pat_', '11ABCDEFG0abcdefghijkl_mnopqrstuv'), 'github_token'],
    ['Authorization', join('Bearer ', 'sk', '-ant-api03-Wm4xRk8sVq1z'), 'anthropic_key'],
    ['Authorization', 'Bearer opaque-but-short', 'bearer_authorization'],
    ['Authorization', 'Basic YWxpY2U6c2VjcmV0', 'basic_authorization'],
    ['URL', 'postgres://app:geheim@db/orders', 'url_password'],
    ['X', 'Server=db;Password=geheim;', 'url_password'],
    ['PEM', '-----BEGIN EC PRIVATE KEY-----\nMHc', 'private_key'],
    ['API_KEY', 'hunter2', 'named'],
    ['DB_PASSWORD', 'changeme', 'named'],
    ['X-Api-Key', '12345', 'named'],
    ['TOKEN', '${TOKEN:-fallback-in-plain-text}', 'named'],
    ['SETTING', 'V7pQ2mXzR9tLkW4nYc8sJb3Hd6GfTe1U', 'random'],
    ['SETTING', '8f14e45fceea167a5a36dedd4bea2543', 'random'],
    ['SETTING', 'b6d767d2-f8ed-5d21-a44b-0e5886680cb9', 'random'],
    ['SETTING', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYzq81LmXw02', 'random'],
  ] as const)('%s: finds a secret (%#)', (name, value, kind) => {
    expect(secretKind({ name, value })).toBe(kind);
  });

  it.each([
    ['TOKEN', '${TOKEN}'],
    ['TOKEN', '${env:TOKEN}'],
    ['Authorization', 'Bearer ${input:token}'],
    ['TOKEN', 'op://vault/item/field'],
    ['TOKEN', '{{TOKEN}}'],
    ['API_KEY', '<YOUR_KEY>'],
    ['API_KEY', 'your-key-here'],
    ['API_KEY', ''],
    ['TOKEN_FILE', '/run/secrets/token'],
    ['MAX_TOKENS', '4096'],
    ['PATH', '/usr/local/bin:/usr/bin'],
    ['X', '@modelcontextprotocol/server-filesystem'],
    ['X', '/home/alice/projects/customer-relations-2026/index.js'],
    ['X', 'https://mcp.example.com/organizations/acme/servers'],
    ['X', 'NODE_EXTRA_CA_CERTS'],
  ])('%s=%s: is none', (name, value) => {
    expect(secretKind({ name, value })).toBeUndefined();
  });
});
