// The demo company's identity provider: a real OpenID provider on loopback, in a process of its own.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Provider } from 'oidc-provider';
import { required } from '../environment.js';
import { listenToParent } from './control-channel.js';
import { accountPage, errorPage, sendPage } from './page.js';
import { Directory } from './people.js';
import { createProvider } from './provider.js';
import { SavedState } from './saved-state.js';
import { SignOut } from './sign-out.js';

const directory = new Directory();
const port = Number(required('PORT'));
const stateFile = process.env['STATE_FILE'];
const provider = await createProvider(
  {
    issuer: required('ISSUER'),
    clientId: required('CLIENT_ID'),
    clientSecret: required('CLIENT_SECRET'),
    redirectUri: required('REDIRECT_URI'),
    ...(stateFile === undefined ? {} : { state: new SavedState(stateFile) }),
  },
  directory,
);
const answer = provider.callback();
const SIGN_IN = /^\/sign-in\/[\w-]+$/;

const server = createServer((request, response) => {
  if (!SIGN_IN.test(request.url ?? '')) {
    void answer(request, response);
    return;
  }
  signIn(provider, request, response).catch((error: unknown) => {
    console.error(error);
    sendPage(response, 400, errorPage('This sign-in has expired. Start again from the application.'));
  });
});
server.listen(port, '127.0.0.1', () => console.log(`identity provider on ${required('ISSUER')}`));
const signOut = new SignOut(provider);
listenToParent(directory, (person) => signOut.of(person));

async function signIn(idp: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { prompt, params } = await idp.interactionDetails(request, response);
  if (prompt.name === 'consent') {
    await idp.interactionFinished(request, response, { consent: {} }, { mergeWithLastSubmission: true });
    return;
  }
  if (request.method !== 'POST') {
    const active = directory.all().filter((person) => person.active);
    sendPage(response, 200, accountPage(active, String(params['client_id'])));
    return;
  }
  const person = directory.find((await formOf(request)).get('account') ?? '');
  if (!person) {
    sendPage(response, 403, errorPage('There is no such account, or it was deactivated.'));
    return;
  }
  // It would ask for more here; the first kind that was asked for is what it then confirms.
  const asked = params['acr_values'];
  const kind = typeof asked === 'string' ? { acr: asked.split(' ')[0]! } : {};
  await idp.interactionFinished(request, response, { login: { accountId: person.id, amr: ['demo'], ...kind } });
}

async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  let body = '';
  for await (const chunk of request) {
    body += String(chunk);
    if (body.length > 10_000) throw new Error('The form is too large.');
  }
  return new URLSearchParams(body);
}
