import { expect, test } from 'vitest';
import { withJsonEntry } from './json-entry.js';

const SLOT = { file: '/home/a/mcp.json', key: 'mcpServers', name: 'mcp-sso' };
const ENTRY = { command: '/opt/mcp-sso', args: ['bridge'] };

const add = (text: string, comments = true): string => withJsonEntry(text, SLOT, comments, ENTRY);
const remove = (text: string): string => withJsonEntry(text, SLOT, true, undefined);

const WHOLE = `{
  "mcpServers": {
    "mcp-sso": {
      "command": "/opt/mcp-sso",
      "args": [
        "bridge"
      ]
    }
  }
}
`;

test.each([
  ['', WHOLE],
  ['{}\n', WHOLE],
  ['{ }\n', WHOLE],
  ['\uFEFF{}\n', `\uFEFF${WHOLE}`],
  ['{\n  "mcpServers": {}\n}\n', WHOLE],
  [
    '{"theme":"dark","mcpServers":{"mine":{"command":"x"}}}',
    '{"theme":"dark","mcpServers":{"mine":{"command":"x"},"mcp-sso":{"command":"/opt/mcp-sso","args":["bridge"]}}}',
  ],
  [
    '// mine\n{\n\t// servers of mine\n\t"mcpServers": {\n\t\t"a": { "command": "x" }, // pinned\n\t},\n\t"n": 12345678901234567890, // keep\n}\n',
    '// mine\n{\n\t// servers of mine\n\t"mcpServers": {\n\t\t"a": { "command": "x" }, // pinned\n' +
      '\t\t"mcp-sso": {\n\t\t\t"command": "/opt/mcp-sso",\n\t\t\t"args": [\n\t\t\t\t"bridge"\n\t\t\t]\n\t\t},\n' +
      '\t},\n\t"n": 12345678901234567890, // keep\n}\n',
  ],
  [
    '{\n  "a": 1 // last\n}',
    '{\n  "a": 1, // last\n  "mcpServers": {\n    "mcp-sso": {\n      "command": "/opt/mcp-sso",\n      "args": [\n        "bridge"\n      ]\n    }\n  }\n}',
  ],
  [
    '{\r\n    "scale": 1.0\r\n}\r\n',
    '{\r\n    "scale": 1.0,\r\n    "mcpServers": {\r\n        "mcp-sso": {\r\n            "command": "/opt/mcp-sso",\r\n' +
      '            "args": [\r\n                "bridge"\r\n            ]\r\n        }\r\n    }\r\n}\r\n',
  ],
  [
    '{\n  "mcpServers": {\n    // none yet\n  }\n}\n',
    '{\n  "mcpServers": {\n    // none yet\n    "mcp-sso": {\n      "command": "/opt/mcp-sso",\n      "args": [\n        "bridge"\n      ]\n    }\n  }\n}\n',
  ],
])('adds the entry to %j and touches nothing else', (before, after) => {
  expect(add(before)).toBe(after);
  expect(add(after)).toBe(after);
});

test('an entry that points elsewhere is corrected where it stands; what a person added to it stays', () => {
  expect(
    add('{"mcpServers":{"mcp-sso":{"command":"/old","args":[],"env":{"MCP_SSO_LOG_LEVEL":"debug"}}, "z":{}}}'),
  ).toBe(
    '{"mcpServers":{"mcp-sso":{"command":"/opt/mcp-sso","args":["bridge"],"env":{"MCP_SSO_LOG_LEVEL":"debug"}}, "z":{}}}',
  );
});

test.each([
  ['{"mcpServers":{"mcp-sso":{}}}', '{"mcpServers":{}}'],
  ['{"mcpServers":{"mcp-sso":{},"z":{}}}', '{"mcpServers":{"z":{}}}'],
  [
    '{\n  "mcpServers": {\n    "a": {}, // x\n    "mcp-sso": {}\n  }\n}',
    '{\n  "mcpServers": {\n    "a": {} // x\n  }\n}',
  ],
  [
    '{\n  "mcpServers": {\n    "a": {}, // x\n    "mcp-sso": {}, // y\n  },\n}',
    '{\n  "mcpServers": {\n    "a": {}, // x // y\n  },\n}',
  ],
  ['{\r\n  "mcpServers": {\r\n    "mcp-sso": {}\r\n  }\r\n}', '{\r\n  "mcpServers": {}\r\n}'],
  ['{"mcpServers":{"a":{}}}', '{"mcpServers":{"a":{}}}'],
  ['', ''],
])('takes the entry out of %j', (before, after) => {
  expect(remove(before)).toBe(after);
});

test.each([
  ['{\n  "mcpServers": {\n    "a": {},\n  }\n}\n', false, 'line 4 is not valid JSON'],
  ['{\n  // mine\n}\n', false, 'line 2 is not valid JSON'],
  ['{\n  "theme": "dark"\n', true, 'line 2 is not valid JSON'],
  ['{\n  "a": \'x\',\n  "b": 1\n}\n', true, 'line 2 is not valid JSON'],
  ['{}\u00a0', false, 'is not valid JSON'],
  ['[]', true, 'it does not hold a JSON object'],
  ['{"mcpServers":[]}', true, 'its "mcpServers" is not an object'],
  ['{"mcpServers":{},"mcpServers":{}}', true, 'it says "mcpServers" twice'],
  ['{"mcpServers":{"mcp-sso":{},"mcp-sso":{}}}', true, 'it says "mcp-sso" twice'],
])('refuses %j (comments: %j)', (text, comments, reason) => {
  expect(() => add(text, comments)).toThrow(
    expect.objectContaining({ code: 'config_invalid', message: expect.stringContaining(reason) as string }),
  );
});
