import { expect, test } from 'vitest';
import { BodiesUnderWay } from './bodies-under-way.js';

test('one sign-in has its own bound, and a body that arrived makes room', () => {
  const bodies = new BodiesUnderWay(2);
  const first = bodies.enter('ses_alice');
  bodies.enter('ses_alice');
  expect(() => bodies.enter('ses_alice')).toThrow('Too many requests');
  expect(() => bodies.enter('ses_bob')).not.toThrow();
  first[Symbol.dispose]();
  expect(() => bodies.enter('ses_alice')).not.toThrow();
});
