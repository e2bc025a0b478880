import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../demo/stack/ports.js';
import { accepting } from './accepting.js';
import { selfSigned } from './self-signed.js';

const PROGRAM = '/usr/sbin/rsyslogd';

/** rsyslog of Debian with syslog over TLS on loopback; its certificate is its own authority. */
export class Rsyslog implements AsyncDisposable {
  private constructor(
    readonly url: string,
    readonly ca: string,
    private readonly child: ChildProcess,
    private readonly folder: string,
  ) {}

  /** Whether tests of it are skipped; in CI it must be here. */
  static absent(): boolean {
    return !existsSync(PROGRAM) && process.env['CI'] !== 'true';
  }

  static async start(): Promise<Rsyslog> {
    const [port = 0] = await freePorts([0]);
    const folder = mkdtempSync(join(tmpdir(), 'mcp-sso-rsyslog-'));
    const { certificate, key } = selfSigned('IP:127.0.0.1');
    const [certificateFile, keyFile] = [join(folder, 'server.pem'), join(folder, 'server.key')];
    writeFileSync(certificateFile, certificate);
    writeFileSync(keyFile, key);
    const files = `DefaultNetstreamDriverCAFile="${certificateFile}" DefaultNetstreamDriverCertFile="${certificateFile}" DefaultNetstreamDriverKeyFile="${keyFile}"`;
    const settings = [
      `global(workDirectory="${folder}" maxMessageSize="64k" DefaultNetstreamDriver="ossl" ${files})`,
      'module(load="imtcp" StreamDriver.Name="ossl" StreamDriver.Mode="1" StreamDriver.AuthMode="anon")',
      `input(type="imtcp" address="127.0.0.1" port="${port}")`,
      'template(name="asRead" type="string" string="%pri% %timereported:::date-rfc3339% %hostname% %app-name% %msgid% %msg%\\n")',
      `action(type="omfile" file="${join(folder, 'received')}" template="asRead")`,
    ];
    const file = join(folder, 'rsyslog.conf');
    writeFileSync(file, `${settings.join('\n')}\n`);
    const words = [PROGRAM, '-n', '-f', file, '-i', join(folder, 'pid')];
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...words], { stdio: 'ignore' });
    await accepting(child, { port, name: 'rsyslog', within: 20_000 });
    return new Rsyslog(`tls://127.0.0.1:${port}`, certificate, child, folder);
  }

  /** What it has read, parsed and written: priority, time, host, app, message id and message of each. */
  received(): string[] {
    const file = join(this.folder, 'received');
    return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
