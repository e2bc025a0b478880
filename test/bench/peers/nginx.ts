import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../../../demo/stack/ports.js';

const ATTEMPTS = 100;

/** nginx in front of the upstream: what a proxy without logic reaches in C. One worker, as one Node process has. */
export class Nginx implements Disposable {
  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
    private readonly folder: string,
  ) {}

  static async start(upstream: string): Promise<Nginx | { readonly absent: string } | Error> {
    const program = installed();
    if (program === undefined) return { absent: 'nginx is not installed; run: apt-get install -y nginx-light' };
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), 'mcp-sso-nginx-'));
    writeFileSync(join(folder, 'nginx.conf'), configuration(folder, port, new URL(upstream).host));
    const child = spawn(program, ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr'], { stdio: 'ignore' });
    const nginx = new Nginx(`http://127.0.0.1:${port}`, child, folder);
    process.once('exit', () => nginx[Symbol.dispose]());
    child.once('error', () => undefined);
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      if (await reachable(port)) return nginx;
      await wait(50);
    }
    nginx[Symbol.dispose]();
    return new Error('nginx does not start here');
  }

  [Symbol.dispose](): void {
    this.child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function installed(): string | undefined {
  return [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin']
    .map((folder) => join(folder, 'nginx'))
    .find((file) => existsSync(file));
}

/** In one process, which ends with us. */
function configuration(folder: string, port: number, upstream: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `daemon off;
master_process off;
pid ${folder}/nginx.pid;
events { worker_connections 1024; }
http {
  access_log off;
  keepalive_requests 1000000000;
${temporary.map((name) => `  ${name}_temp_path ${folder}/${name};`).join('\n')}
  upstream server { server ${upstream}; keepalive 128; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://server;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }
  }
}
`;
}

function reachable(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, '127.0.0.1');
  socket.once('connect', () => resolve(true));
  socket.once('error', () => resolve(false));
  return promise.finally(() => socket.destroy());
}
