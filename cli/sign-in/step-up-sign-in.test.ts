import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CodedError } from '#shared/errors.js';
import { CredentialStore } from '../credential-store/credential-store.js';
import { FileBacking } from '../credential-store/file-backing.js';
import { KeyFile } from '../credential-store/key-file.js';
import { BrowserOpenings } from './browser-openings.js';
import { newDpopKey } from './dpop.js';
import type { StepUpRequest } from './step-up-request.js';
import { StepUpSignIn } from './step-up-sign-in.js';
import type { Account, SignIn } from './token-source.js';

const slot = { origin: 'https://mcp.acme.example', client: 'mcp-bridge' };
const account: Account = { person: 'usr_alice', name: 'Alice', email: null };
const challenge = { demand: { maxAge: 300 }, handle: 'handle-1' };
const dpopKey = newDpopKey();

let folder: string;
let store: CredentialStore;
let openings: BrowserOpenings;
let requests: StepUpRequest[];
let person: PromiseWithResolvers<Account>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'step-up-'));
  store = new CredentialStore(new FileBacking(folder, new KeyFile(join(folder, 'key'))));
  openings = new BrowserOpenings(folder, () => new Date(), 'step-up-opened');
  requests = [];
  person = Promise.withResolvers<Account>();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const signedIn = () =>
  store.put(slot, { account, dpopKey, refreshToken: 'r', accessToken: 'a', issuedAt: 0, expiresAt: 1 });

/** The person's answer is the test's to give. */
function stepUp(): StepUpSignIn {
  const signIn = (request: StepUpRequest): SignIn => {
    requests.push(request);
    return {
      startsByItself: true,
      begin: async () => {
        const opened = await openings.due();
        await openings.record();
        return { url: slot.origin, opened, completed: person.promise };
      },
      signedIn: async () => account,
      onSignedIn: () => () => undefined,
    };
  };
  return new StepUpSignIn({ slot, store: async () => store, openings, signIn });
}

test('it is for the key of the tokens that are there, and whoever comes meanwhile joins it', async () => {
  await signedIn();
  const one = stepUp();
  const [first, second] = await Promise.all([one.begin(challenge), one.begin({ ...challenge, handle: 'handle-2' })]);
  expect(second).toBe(first);
  expect(requests).toEqual([{ ...challenge, dpopKey }]);
});

test('after one that the person completed the browser may open again at once', async () => {
  await signedIn();
  const one = stepUp();
  const first = await one.begin(challenge);
  person.resolve(account);
  await first.completed;
  await expect.poll(() => openings.due()).toBe(true);
  expect((await one.begin(challenge)).opened).toBe(true);
});

test('after one that came to nothing it stays shut for a while', async () => {
  await signedIn();
  const one = stepUp();
  const first = await one.begin(challenge);
  person.reject(new CodedError('sign_in_expired'));
  await expect(first.completed).rejects.toMatchObject({ code: 'sign_in_expired' });
  await expect.poll(async () => (await one.begin(challenge)).opened).toBe(false);
});

test('without a session there is none to renew', async () => {
  await expect(stepUp().begin(challenge)).rejects.toMatchObject({ code: 'sign_in_needed' });
  expect(requests).toEqual([]);
});
