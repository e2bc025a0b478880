import { expect, test } from 'vitest';
import { settingsSchema } from '../config/settings.js';
import { formatContent, parseContent, writtenServers, type CatalogContent } from './content.js';
import { carriedOver, revisionOf, unstored } from './revision.js';

function contentOf(servers: Record<string, unknown>, policy = '// none'): CatalogContent {
  const settings = settingsSchema.parse({
    publicUrl: 'https://mcp.acme.example',
    identity: { providers: {} },
    roles: { owner: ['okta/it-admins'] },
    servers,
  });
  return {
    servers: settings.servers,
    roles: settings.roles,
    policyFiles: [{ file: 'policies/a.cedar', text: policy }],
  };
}

const CRM = { url: 'https://crm.acme.example/mcp', credential: { kind: 'bearer', secret: 'secret:crm' } };
const FILES = { command: ['mcp-server-filesystem', '/srv'], read: ['/srv'], tools: { list: { effect: 'read' } } };

test('content comes back as it was, its servers in their order, and shown without what is a default', () => {
  const content = contentOf({ files: FILES, crm: CRM });
  const parsed = parseContent(formatContent(content));
  expect(parsed).toEqual(content);
  expect(Object.keys(parsed.servers)).toEqual(['files', 'crm']);
  expect(writtenServers(parsed.servers)).toEqual({ files: FILES, crm: CRM });
});

test.each([
  '',
  '{}',
  '{"servers":{},"roles":{},"policyFiles":[],"more":1}',
  '{"servers":{"A":{}},"roles":{},"policyFiles":[]}',
])('text that no revision has is refused: %s', (text) => {
  expect(() => parseContent(text)).toThrow(/JSON|invalid|unrecognized/i);
});

test('a server that did not change keeps its object, whatever else changed', () => {
  const before = unstored(contentOf({ files: FILES, crm: CRM }));
  const changed = contentOf({ files: FILES, crm: { ...CRM, url: 'https://new.acme.example/mcp' } }, '// other');
  const after = carriedOver(before.servers, revisionOf(2, formatContent(changed)));
  expect(after.servers['files']).toBe(before.servers['files']);
  expect(after.servers['crm']).not.toBe(before.servers['crm']);
  expect(after.servers['crm']?.url).toBe('https://new.acme.example/mcp');
  expect(after.number).toBe(2);
});
