import { calculateJwkThumbprint, exportJWK } from 'jose';
import { CLIENTS, PATHS } from '#shared/api/paths.js';
import { BrowserOpenings } from '../../cli/sign-in/browser-openings.js';
import { BrowserSignIn } from '../../cli/sign-in/browser-sign-in.js';
import { RefreshingTokens } from '../../cli/sign-in/refreshing-tokens.js';
import { ServerClock } from '../../cli/sign-in/server-clock.js';
import { StepUpSignIn } from '../../cli/sign-in/step-up-sign-in.js';
import { CredentialStore } from '../../cli/credential-store/credential-store.js';
import { FileBacking } from '../../cli/credential-store/file-backing.js';
import { KeyFile } from '../../cli/credential-store/key-file.js';
import { agentFor } from '../../cli/system/http.js';
import type { BridgeSession } from '../../cli/bridge/control-plane-link.js';
import type { Stack } from '../../demo/stack/stack.js';
import { beginSignIn, type Authorization, type SignedIn } from './person.js';

/** Customers are added only by a person who signed in in the last five minutes, in a certain way. */
export const GUARDED_ADDING = `
@id("fresh-to-add") @reason("Adding customers needs the person themselves.")
@step_up_max_age("300") @step_up_acr("demo-mfa")
forbid (principal, action == Mcp::Action::"crm/add_customer", resource);
`;

/** An authorization request with the parameters of a step-up: for the session that the handle names, and a key. */
export async function beginStepUp(
  stack: Stack,
  handle: string,
  { keys }: Pick<SignedIn, 'keys'>,
): Promise<Authorization> {
  const started = await beginSignIn(stack);
  const key = await calculateJwkThumbprint(await exportJWK(keys.publicKey));
  const more = { step_up: handle, dpop_jkt: key, max_age: '300', acr_values: 'demo-mfa' };
  for (const [name, value] of Object.entries(more)) started.url.searchParams.set(name, value);
  return started;
}

const now = (): Date => new Date();

/** One person's computer with a display: what bridges there are made of, in this process. `open` is its browser. */
export class Desk {
  /** Every address that was opened. */
  readonly opened: string[] = [];

  constructor(
    private readonly stack: Stack,
    private readonly folder: string,
    public browse: (url: string) => Promise<unknown>,
  ) {}

  /** What one bridge process holds; several share the folder. */
  session(): BridgeSession & { readonly signIn: BrowserSignIn } {
    const { publicUrl: origin } = this.stack.addresses;
    const slot = { origin, client: CLIENTS.bridge };
    const endpoint = { slot, agent: agentFor(origin, {}), clock: new ServerClock(now), now };
    const opened = new CredentialStore(new FileBacking(this.folder, new KeyFile(`${this.folder}/key`)));
    const store = () => Promise.resolve(opened);
    const parts = {
      ...endpoint,
      store,
      resource: `${origin}${PATHS.mcp}`,
      scope: 'openid mcp',
      deviceName: 'desk',
      stateFolder: this.folder,
      trusted: true,
      open: async (url: string) => {
        this.opened.push(url);
        void this.browse(url);
        return true;
      },
    };
    const openings = new BrowserOpenings(this.folder, now, 'step-up-opened');
    return {
      origin,
      tokens: new RefreshingTokens(store, endpoint),
      signIn: new BrowserSignIn({ ...parts, openings: new BrowserOpenings(this.folder, now) }),
      stepUp: new StepUpSignIn({
        slot,
        store,
        openings,
        signIn: (stepUp) => new BrowserSignIn({ ...parts, openings, stepUp }),
      }),
    };
  }
}
