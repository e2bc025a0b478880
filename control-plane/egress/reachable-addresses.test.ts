import { expect, test } from 'vitest';
import { rangeFor, ReachableAddresses } from './reachable-addresses.js';

const METADATA = ['169.254.169.254', '169.254.170.2', 'fd00:ec2::254', 'fd20:ce::254', '100.100.100.200', 'fe80::1'];
const PRIVATE = ['127.0.0.1', '10.1.2.3', '172.16.0.1', '192.168.1.1', '100.64.0.1', '::1', 'fd12:3456::1', '0.0.0.0'];
/** The same place in another notation. */
const MAPPED = ['::ffff:127.0.0.1', '::ffff:7f00:1', '0:0:0:0:0:ffff:10.1.2.3', '::ffff:c0a8:101'];

test('without privateNetworks only public addresses', () => {
  const addresses = new ReachableAddresses([]);
  for (const address of ['1.1.1.1', '2606:4700::1111'])
    expect([address, addresses.permits(address)]).toEqual([address, true]);
  for (const address of [...METADATA, ...PRIVATE, ...MAPPED, '168.63.129.16', '64:ff9b::a9fe:a9fe', 'localhost', '']) {
    expect([address, addresses.permits(address)]).toEqual([address, false]);
  }
});

test('a range opens what is in it, in every notation, and nothing else', () => {
  const addresses = new ReachableAddresses(['127.0.0.0/8', '10.1.0.0/16']);
  for (const address of ['127.0.0.1', '127.255.0.1', '::ffff:127.0.0.1', '::ffff:7f00:1', '10.1.255.255', '1.1.1.1']) {
    expect([address, addresses.permits(address)]).toEqual([address, true]);
  }
  for (const address of ['10.2.0.0', '::1', '::127.0.0.1', '192.168.1.1']) {
    expect([address, addresses.permits(address)]).toEqual([address, false]);
  }
  expect(addresses.isWrittenDown('1.1.1.1')).toBe(false);
});

test('no range opens a link or the metadata of a cloud, only the one address', () => {
  const wide = new ReachableAddresses(['0.0.0.0/0', '::/0', '169.254.0.0/16', 'fe80::/10', 'fd00::/8']);
  for (const address of [...METADATA, '::ffff:169.254.169.254', '::ffff:a9fe:a9fe', '168.63.129.16', 'fe80::1%eth0']) {
    expect([address, wide.permits(address)]).toEqual([address, false]);
  }
  const exact = new ReachableAddresses(['169.254.10.20/32', 'fe80::7/128']);
  for (const address of ['169.254.10.20', 'fe80::7'])
    expect([address, exact.permits(address)]).toEqual([address, true]);
  expect(exact.permits('169.254.169.254')).toBe(false);
});

test.each([
  ['127.0.0.1', '127.0.0.0/8'],
  ['10.1.2.3', '10.1.2.3/32'],
  ['::1', '::1/128'],
  ['fe80::1%eth0', 'fe80::1/128'],
])('for %s one adds %s', (address, range) => {
  expect(rangeFor(address)).toBe(range);
});
