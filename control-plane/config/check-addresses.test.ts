import { expect, test } from 'vitest';
import { addressObjection, networkFindings } from './check-addresses.js';

const CLOSED = 'is a private address, and private networks are closed unless they are written down';
const said = (url: string, ...privateNetworks: string[]) => {
  const objection = addressObjection(new URL(url), { privateNetworks });
  return objection && `${objection.message} → ${objection.fix}`;
};
const add = (range: string) => `add ${range} to privateNetworks if the server is the company’s own`;

test.each([
  ['http://127.0.0.1:9/mcp', '127.0.0.1', '127.0.0.0/8'],
  ['http://2130706433/mcp', '127.0.0.1', '127.0.0.0/8'],
  ['http://0x7f.1/mcp', '127.0.0.1', '127.0.0.0/8'],
  ['http://[::ffff:10.1.2.3]/mcp', '::ffff:a01:203', '10.1.2.3/32'],
  ['http://localhost/mcp', '127.0.0.1', '127.0.0.0/8 and ::1/128'],
  ['http://crm.localhost/mcp', '127.0.0.1', '127.0.0.0/8 and ::1/128'],
  ['https://10.1.2.3/mcp', '10.1.2.3', '10.1.2.3/32'],
  ['https://[::1]/mcp', '::1', '::1/128'],
])('%s needs its range', (url, address, range) => {
  expect(said(url)).toBe(`${address} ${CLOSED} → ${add(range)}`);
  expect(said(url, ...range.split(' and '))).toBeUndefined();
});

test('public addresses and names need none', () => {
  for (const url of ['https://1.1.1.1/mcp', 'https://[2606:4700::1111]/mcp', 'https://crm.acme.example/mcp']) {
    expect(said(url)).toBeUndefined();
  }
});

test('metadata is opened by its own address alone', () => {
  const what = '169.254.169.254 belongs to a link or to a cloud’s metadata, which no range opens';
  for (const range of ['0.0.0.0/0', '169.254.0.0/16']) {
    expect(said('http://169.254.169.254/', range)).toBe(`${what} → ${add('169.254.169.254/32')}`);
  }
  expect(said('http://169.254.169.254/', '169.254.169.254/32')).toBeUndefined();
});

test('a range that opens nothing is a fault, and what is no range is left to the schema', () => {
  const privateNetworks = ['10.0.0.0/8', '169.254.0.0/16', 'fe80::/10', '169.254.10.20/32', '10.0.0.0/33', 'x', 7];
  expect(networkFindings({ privateNetworks }).map(({ path, fix }) => [path, fix])).toEqual([
    [['privateNetworks', 1], 'write the one address, for example 169.254.0.0/32'],
    [['privateNetworks', 2], 'write the one address, for example fe80::/128'],
  ]);
  expect(said('http://10.0.0.1/', '10.0.0.0/33', 'x')).toContain('10.0.0.1/32');
});
