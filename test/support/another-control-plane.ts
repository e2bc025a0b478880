import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Child } from '../../demo/stack/child.js';
import { IDP_SECRET_VARIABLE } from '../../demo/stack/company.js';
import { inherited } from '../../demo/stack/inherited.js';
import { freePorts } from '../../demo/stack/ports.js';
import { untilAnswering } from '../../demo/stack/ready.js';
import { ROOT } from '../../demo/stack/root.js';
import type { Stack } from '../../demo/stack/stack.js';

/** One more control plane of the demo company: the same `publicUrl`, a directory and ports of its own. */
export class AnotherControlPlane implements AsyncDisposable {
  private constructor(
    /** Where it is reached, past any balancer. */
    readonly address: string,
    readonly process: Child,
  ) {}

  /** Starts it on a database; resolves when it is ready. `name` is that of its folder and its log, `inside` a command that runs it. */
  static async start(
    stack: Stack,
    name: string,
    database: string,
    inside: readonly string[] = [],
  ): Promise<AnotherControlPlane> {
    const [listen, adminListen] = (await freePorts([0, 0])).map((port) => `127.0.0.1:${port}`);
    const config = join(stack.folder, name);
    mkdirSync(config, { mode: 0o700 });
    cpSync(stack.config, config, { recursive: true });
    const file = join(config, 'mcp-sso.yaml');
    const settings = readFileSync(file, 'utf8')
      .replace(/^listen: .*$/m, `listen: ${listen}`)
      .replace(/^adminListen: .*$/m, `adminListen: ${adminListen}`)
      .replace(/^database: .*$/m, `database: ${database}`);
    writeFileSync(file, settings);
    const child = new Child({
      name,
      args: [join(ROOT, 'dist', 'control-plane', 'main.js'), 'start', '--config', config],
      env: { ...inherited(), HOME: stack.folder, [IDP_SECRET_VARIABLE]: stack.idpSecret },
      cwd: stack.folder,
      logFile: join(stack.folder, 'logs', `${name}.log`),
      inside,
    });
    const address = `http://${listen}`;
    await untilAnswering(child, `${address}/readyz`, [200]).catch(async (error: unknown) => {
      await child.stop('SIGKILL');
      throw error;
    });
    return new AnotherControlPlane(address, child);
  }

  /** Sends a signal that leaves it alive, such as SIGSTOP. */
  signal(signal: NodeJS.Signals): void {
    if (this.process.group !== undefined) process.kill(this.process.group, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process.stop();
  }
}
