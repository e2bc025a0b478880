import { expect, test } from 'vitest';
import { networksOf } from './networks.js';

const NETWORKS = { office: ['10.0.0.0/8', '2001:db8::/32'], vpn: ['10.9.0.0/16'], lab: ['192.168.1.7/32'] };

test.each([
  ['10.1.2.3', ['office']],
  ['10.9.1.1', ['office', 'vpn']],
  ['::ffff:10.9.1.1', ['office', 'vpn']],
  ['192.168.1.7', ['lab']],
  ['192.168.1.8', []],
  ['2001:db8::1', ['office']],
  ['2001:db8::1%eth0', ['office']],
  ['2001:db9::1', []],
  ['11.0.0.0', []],
  ['', []],
  ['10.1.2.3.4', []],
  ['10.1', []],
])('%s is in %o', (address, names) => {
  expect(networksOf(address, NETWORKS)).toEqual(names);
});
