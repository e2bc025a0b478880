import type { Readable, Writable } from 'node:stream';
import { AgentReports } from './agent-reports.js';
import { HELD_PATIENCE, type HeldPatience } from './held-wait.js';
import { Bridge } from './bridge.js';
import { ControlPlaneLink, type BridgeSession } from './control-plane-link.js';
import { watchForEnd } from './exit-watch.js';
import { Forwarding } from './forwarding.js';
import type { BridgeLog } from './log.js';

/** Milliseconds that calls in flight, and then the last writes, get after stdin has ended; together under a second. */
const GRACE = 350;
/** Milliseconds in which a control plane that is restarted is there again. */
const PATIENCE = 10_000;

export interface ServeParts {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly signals: Pick<NodeJS.EventEmitter, 'on' | 'off'>;
  readonly parent: () => number;
  readonly openSession: () => Promise<BridgeSession>;
  /** One server under its own tool names; all of them where absent. */
  readonly server?: string | undefined;
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: BridgeLog;
  readonly now: () => number;
  /** Where the hooks of apps find the bridge; none are heard where it is absent. */
  readonly stateFolder?: string;
  /** Milliseconds for which a request that had no effect is tried again. */
  readonly patience?: number;
  readonly heldPatience?: HeldPatience;
}

/** Serves one AI app over its pipes until it is gone. Resolves with the exit code. */
export async function serve(parts: ServeParts): Promise<number> {
  const { stdin, stdout, server, log } = parts;
  const ended = watchForEnd(parts);
  const agents = new AgentReports(parts);
  const controlPlane = new ControlPlaneLink({
    openSession: parts.openSession,
    path: server === undefined ? '/mcp' : `/mcp/${server}`,
    env: parts.env,
    listsChanged: () => bridge.listsChanged(),
    chainOf: (message) => agents.chainOf(message),
    log,
    now: parts.now,
  });
  const bridge = new Bridge({
    stdin,
    stdout,
    serverInfo: { name: 'mcp-sso', version: parts.version },
    forwarding: new Forwarding({
      controlPlane,
      oneServer: server !== undefined,
      patience: parts.patience ?? PATIENCE,
      heldPatience: parts.heldPatience ?? HELD_PATIENCE,
      log,
    }),
    controlPlane,
    log,
  });
  bridge.read().catch(() => log.debug('stdin failed'));
  agents.listen();
  const code = await ended;
  agents.close();
  log.info('ending', { code });
  await bridge.close(stdout.writable ? GRACE : 0);
  stdin.destroy();
  await controlPlane.close();
  return code;
}
