import { expect, test } from 'vitest';
import { BodiesUnderWay } from './bodies-under-way.js';

test('one sign-in has its own bound, and a body that arrived makes room', () => {
  const bodies = new BodiesUnderWay({ arrivingPerSignIn: 2 });
  const first = bodies.enter('ses_alice');
  bodies.enter('ses_alice');
  expect(() => bodies.enter('ses_alice')).toThrow(
    '2 requests of yours are arriving, which is the limit (limits.arrivingPerSignIn). Try again when one has arrived.',
  );
  expect(() => bodies.enter('ses_bob')).not.toThrow();
  first[Symbol.dispose]();
  expect(() => bodies.enter('ses_alice')).not.toThrow();
});
