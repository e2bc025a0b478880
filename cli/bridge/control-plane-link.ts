import { asCoded } from '#shared/errors.js';
import type { AgentChain } from '#shared/mcp/agent-chain.js';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import type { ControlPlaneSession } from '../sign-in/open-session.js';
import type { Connection } from './connection.js';
import type { BridgeLog } from './log.js';
import { SignInPrompt } from './sign-in-prompt.js';
import { StepUpPrompt } from './step-up-prompt.js';

const CONFIGURATION_CHECK = 5_000;

/** What the bridge needs of the session. */
export type BridgeSession = Pick<ControlPlaneSession, 'origin' | 'tokens' | 'signIn' | 'stepUp'>;

/** The control plane, once it is known where it is: tokens for it, the connection, and the way to sign in. */
export interface Link {
  readonly session: BridgeSession;
  readonly connection: Connection;
  readonly prompt: SignInPrompt;
  readonly stepUp: StepUpPrompt;
  readonly chainOf: ChainOf;
}

/** What is said of the agents behind a message. */
type ChainOf = (message: { readonly params?: JsonObject }) => AgentChain;

interface Parts {
  /** Throws config_invalid where no control plane is configured. */
  readonly openSession: () => Promise<BridgeSession>;
  /** Path of the endpoint: `/mcp` or `/mcp/{server}`. */
  readonly path: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly listsChanged: () => void;
  readonly chainOf: ChainOf;
  readonly log: BridgeLog;
  readonly now: () => number;
}

/** Opens the link when the first request needs it. A failure is not kept: the next request tries again. */
export class ControlPlaneLink {
  readonly #parts: Parts;
  #link: Promise<Link> | undefined;
  #configurationCheck: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Throws CodedError: config_invalid where no control plane is configured, credential_store, internal. */
  async get(): Promise<Link> {
    this.#link ??= this.#open();
    try {
      return await this.#link;
    } catch (thrown) {
      this.#link = undefined;
      const error = asCoded(thrown);
      if (error.code === 'config_invalid') this.#awaitConfiguration();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#configurationCheck);
    const link = await this.#link?.catch(() => undefined);
    link?.prompt.close();
    link?.connection.close();
  }

  /** Loaded here, not at the top: `initialize` is answered without HTTP, keychain or OAuth. */
  async #open(): Promise<Link> {
    const { path, env, openSession, chainOf, ...prompt } = this.#parts;
    const [{ Connection }, session] = await Promise.all([import('./connection.js'), openSession()]);
    const connection = new Connection(new URL(session.origin + path), env);
    const stepUp = new StepUpPrompt({ log: prompt.log, stepUp: session.stepUp });
    return { session, connection, prompt: new SignInPrompt({ ...prompt, signIn: session.signIn }), stepUp, chainOf };
  }

  /** `mcp-sso login --url …` in a terminal names the control plane; the tools then appear without a restart. */
  #awaitConfiguration(): void {
    if (this.#closed || this.#configurationCheck !== undefined) return;
    this.#configurationCheck = setInterval(() => void this.#look(), CONFIGURATION_CHECK).unref();
  }

  async #look(): Promise<void> {
    try {
      await this.get();
    } catch {
      return;
    }
    clearInterval(this.#configurationCheck);
    this.#configurationCheck = undefined;
    this.#parts.listsChanged();
  }
}
