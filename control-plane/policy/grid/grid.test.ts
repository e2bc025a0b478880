import { array, assert, constantFrom, oneof, property, record, string } from 'fast-check';
import { expect, test } from 'vitest';
import { settingsSchema, type PolicyFile } from '../../config/settings.js';
import { compilePolicies } from '../compile.js';
import { formatGrid } from './format-grid.js';
import { gridOf, parseGrid } from './parse-grid.js';
import { GRID_FILE, readGrid } from './read-grid.js';
import { writeGrid, type Grid } from './write-grid.js';

const SERVERS = ['crm', 'erp', 'git-hub', '7'];
const SETTINGS = settingsSchema.parse({
  publicUrl: 'https://mcp.acme.example',
  identity: {
    providers: { okta: { issuer: 'https://acme.okta.com', clientId: 'x', clientSecret: 'env:IDP_SECRET' } },
  },
  servers: Object.fromEntries(SERVERS.map((id) => [id, { url: `https://${id}.acme.example/mcp` }])),
});

const gridFile = (text: string): PolicyFile => ({ file: GRID_FILE, text });
const plain = (grid: Grid): unknown =>
  Object.fromEntries([...grid].map(([group, row]) => [group, Object.fromEntries(row)]));

const SALES = gridOf([
  { group: 'okta/sales', server: 'crm', level: 'write' },
  { group: 'okta/sales', server: 'erp', level: 'read' },
  { group: 'okta/it', server: 'crm', level: 'all' },
]);

test('a grid is written as policies that people can read', () => {
  expect(writeGrid(gridOf([{ group: 'okta/sales', server: 'crm', level: 'write' }]), [])).toBe(`\
// Written by \`mcp-sso policy grid --apply\`: each permit is one cell of group and server. It is read back from here, so
// change the grid and apply it again. What you write here yourself is kept, and counts as custom.

@id("grid-okta-sales-crm")
@reason("okta/sales may read and write at crm.")
permit (
  principal in Mcp::Group::"okta/sales",
  action in [Mcp::Action::"read", Mcp::Action::"write", Mcp::Action::"resource/read", Mcp::Action::"prompt/get"],
  resource in Mcp::Server::"crm"
);
`);
});

test('what people write and what they are shown are the same grid, with every server in each row', () => {
  const { grid, faults } = parseGrid('okta/sales: { crm: write, erp: none }\n', SETTINGS);
  expect([plain(grid), faults]).toEqual([{ 'okta/sales': { crm: 'write' } }, []]);
  const shown = formatGrid(grid, [], ['crm', 'erp']);
  expect(shown).toBe('# group → server → none | read | write | all\nokta/sales:\n  crm: write\n  erp: none\n');
  expect(plain(parseGrid(shown, SETTINGS).grid)).toEqual(plain(grid));
});

test('what a grid cannot express is custom, named, and kept when a grid is applied', () => {
  const mine =
    '@id("mine") @reason("M.")\npermit(principal in Mcp::Group::"okta/x", action == Mcp::Action::"crm/a", resource);';
  const changed = writeGrid(SALES, []).replace('okta/it may use everything at crm.', 'They run it.');
  const { grid, custom, kept } = readGrid([
    { file: 'policies/a.cedar', text: '@id("other") @reason("O.") forbid(principal, action, resource);' },
    gridFile(`${changed}\n// about mine\n${mine}\n`),
  ]);
  expect(plain(grid)).toEqual({ 'okta/sales': { crm: 'write', erp: 'read' } });
  expect(custom.map(({ id, file }) => [id, file])).toEqual([
    ['other', 'policies/a.cedar'],
    ['grid-okta-it-crm', GRID_FILE],
    ['mine', GRID_FILE],
  ]);
  const again = writeGrid(gridOf([]), kept);
  expect(again).toContain(mine);
  expect(again).toContain('@reason("They run it.")');
  expect(formatGrid(grid, custom, ['crm'])).toContain('#   mine (policies/grid.cedar)\n');
});

test('a permit with a condition or another scope is none of the grid’s', () => {
  const texts = writeGrid(SALES, [])
    .replaceAll(/permit \(/g, 'forbid (')
    .replaceAll('resource in Mcp::Server', 'resource == Mcp::Server');
  expect(plain(readGrid([gridFile(texts)]).grid)).toEqual({});
  const conditional = writeGrid(SALES, []).replaceAll(');', ') when { 1 < 2 };');
  expect(readGrid([gridFile(conditional)])).toMatchObject({ grid: new Map(), custom: [{}, {}, {}] });
});

test.each([
  ['sales: { crm: read }', 'grid:1:1 this is no group of an identity provider'],
  ['okta/sales: { crn: read }', 'grid:1:15 there is no such server'],
  ['okta/sales: { crm: execute }', 'grid:1:20 this is no level'],
  ['okta/sales: read', 'grid:1:1 there are no servers below this group'],
  ['- a', 'grid:1:1 this is no grid'],
  ['okta/sales: { crm: read, crm: all }', 'grid:1:26 this key is written twice'],
])('%s is refused in words', (text, fault) => {
  const { faults } = parseGrid(text, SETTINGS);
  expect(faults.map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`)).toEqual([fault]);
});

test('a grid of more rows than anybody could write is refused at once', () => {
  const rows = Array.from({ length: 11_000 }, (_row, index) => `g${index}: 0\n`).join('');
  expect(parseGrid(rows, SETTINGS).faults.map(({ message }) => message)).toEqual(['there are more than 5000 cells']);
});

const name = oneof(
  constantFrom('sales', 'Sales', 'sales team', 'a/b', 'a-b', '"', '\\', '\n', 'über', '\u202e', '__proto__', '*'),
  string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((text) => text.isWellFormed() && text !== '/'),
);
const grids = array(
  record({
    group: name.map((text) => `okta/${text}`),
    server: constantFrom(...SERVERS),
    level: constantFrom('read' as const, 'write' as const, 'all' as const),
  }),
  { maxLength: 12 },
).map(gridOf);

test('every grid comes back from its Cedar, and from what people are shown of it', () => {
  assert(
    property(grids, (grid) => {
      const { grid: back, custom, kept } = readGrid([gridFile(writeGrid(grid, []))]);
      expect([plain(back), custom, kept]).toEqual([plain(grid), [], []]);
      const shown = parseGrid(formatGrid(grid, [], SERVERS), SETTINGS);
      expect([plain(shown.grid), shown.faults]).toEqual([plain(grid), []]);
    }),
    { seed: 20_261_123, numRuns: 200 },
  );
});

test('the Cedar of a grid has no fault', () => {
  const odd = gridOf([
    { group: 'okta/a/b', server: '7', level: 'read' },
    { group: 'okta/a-b', server: '7', level: 'all' },
    { group: `okta/${'x'.repeat(400)}`, server: 'git-hub', level: 'write' },
    { group: 'okta/"quoted" \\ back', server: 'crm', level: 'write' },
  ]);
  expect(compilePolicies([gridFile(writeGrid(odd, []))], SETTINGS).faults).toEqual([]);
});
