import { describe, expect, it } from 'vitest';
import { openWith, sealWith } from '../../storage/sealing.js';
import { RequestStates, type HeldState, type StateBinding } from './request-state.js';

const KEY = Buffer.alloc(32, 7);
const SEALING = {
  seal: (_purpose: string, boundTo: string, plain: Buffer) => sealWith(KEY, boundTo, plain),
  open: (_purpose: string, boundTo: string, sealed: Buffer) => openWith(KEY, boundTo, sealed),
};
const BINDING: StateBinding = { session: 'ses_a', server: 'crm', request: 'digest', revision: '1' };
const HELD: Readonly<Record<HeldState['kind'], HeldState>> = {
  server: { kind: 'server', state: 'theirs' },
  parked: { kind: 'parked', id: 'p1' },
  urls: { kind: 'urls', count: 1 },
  approval: { kind: 'approval', id: 'apr_1', reference: 'r1' },
  connection: { kind: 'connection', id: 'cnr_1', reference: 'r1' },
};

function statesAt(): { states: RequestStates; clock: { now: number } } {
  const clock = { now: 1_000 };
  return { states: new RequestStates(SEALING, { answers: 100, answersPerPerson: 100 }, () => clock.now), clock };
}

function changed(state: string, at: number): string {
  return `${state.slice(0, at)}${state[at] === 'A' ? 'B' : 'A'}${state.slice(at + 1)}`;
}

const TRICKS: readonly (readonly [string, Partial<StateBinding>, (state: string) => string, string])[] = [
  ['changed in the middle', {}, (state) => changed(state, 60), 'was changed on its way'],
  ['changed at its begin', {}, (state) => changed(state, 0), 'was changed on its way'],
  ['cut', {}, (state) => state.slice(0, -8), 'was changed on its way'],
  ['empty', {}, () => '', 'was changed on its way'],
  ['made up', {}, () => Buffer.from(JSON.stringify(BINDING)).toString('base64url'), 'was changed on its way'],
  ['too long', {}, (state) => state + 'A'.repeat(2 * 1024 * 1024), 'was changed on its way'],
  ['of another sign-in', { session: 'ses_b' }, (state) => state, 'belongs to another sign-in'],
  ['of another server', { server: 'hr' }, (state) => state, 'belongs to another MCP server'],
  ['of another request', { request: 'other' }, (state) => state, 'belongs to another request'],
];

describe.each(['server', 'parked', 'urls'] as const)('a state that holds %s', (kind) => {
  const over = kind === 'parked' ? 'outcome_unknown' : 'request_state_invalid';

  it('opens for its own request', () => {
    const { states } = statesAt();
    expect(states.open('per_alice', BINDING, states.seal(BINDING, HELD[kind]))).toEqual(HELD[kind]);
  });

  it.each(TRICKS)('and is %s is refused, and still good for its own request', (_how, binding, trick, why) => {
    const { states } = statesAt();
    const state = states.seal(BINDING, HELD[kind]);
    const wanted = { code: 'request_state_invalid', message: expect.stringContaining(why) };
    expect(() => states.open('per_alice', { ...BINDING, ...binding }, trick(state))).toThrow(
      expect.objectContaining(wanted),
    );
    expect(states.open('per_alice', BINDING, state)).toEqual(HELD[kind]);
  });

  it('is used once', () => {
    const { states } = statesAt();
    const state = states.seal(BINDING, HELD[kind]);
    states.open('per_alice', BINDING, state);
    const wanted = { code: over, message: expect.stringContaining('was used already') };
    expect(() => states.open('per_alice', BINDING, state)).toThrow(expect.objectContaining(wanted));
  });

  it('lives ten minutes', () => {
    const { states, clock } = statesAt();
    const state = states.seal(BINDING, HELD[kind]);
    clock.now += 600_000;
    const wanted = { code: over, message: expect.stringContaining('has expired') };
    expect(() => states.open('per_alice', BINDING, state)).toThrow(expect.objectContaining(wanted));
    clock.now -= 1;
    expect(states.open('per_alice', BINDING, state)).toEqual(HELD[kind]);
  });

  it('ends with the revision that permitted its call', () => {
    const { states } = statesAt();
    const state = states.seal(BINDING, HELD[kind]);
    const wanted = { code: over, message: expect.stringContaining('before the server or the policies changed') };
    expect(() => states.open('per_alice', { ...BINDING, revision: '2' }, state)).toThrow(
      expect.objectContaining(wanted),
    );
  });
});
