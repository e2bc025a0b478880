import { spawn, type ChildProcess } from 'node:child_process';
import type { Duplex, Readable, Writable } from 'node:stream';
import { errorText } from '#shared/errors.js';
import type { UpstreamLimits } from '../limits.js';
import { messageTooLarge } from '../message-too-large.js';
import type { HeldBytes } from './held-bytes.js';
import type { Launch } from './launch.js';
import { LineReader } from './line-reader.js';
import { serverEnded } from './server-ended.js';
import { StdioPeer } from './stdio-peer.js';

export interface ProcessOptions {
  readonly limits: UpstreamLimits;
  readonly shared: boolean;
  /** What waits for the clients of all processes together. */
  readonly waiting: HeldBytes;
  /** A line on stderr, or one on stdout that is no message; at most 64 KiB. */
  readonly onText: (line: string) => void;
}

const TEXT_LIMIT = 64 * 1024;
/** Milliseconds that a descendant may hold the pipes of a process that has ended. */
const LINGER = 1_000;
/** Milliseconds of work on one piece of output from which on its server waits. */
const LONG = 10;

/** A running server, in a process group of its own that ends with it. */
export class ServerProcess {
  readonly peer: StdioPeer;
  /** Resolves to how it ended. */
  readonly ended: Promise<string>;
  readonly startedAt = Date.now();
  /** True from `stop` on, so that its end is no failure. */
  stopping = false;
  alive = true;
  readonly #child: ChildProcess;
  readonly #limits: UpstreamLimits;
  readonly #held: Duplex[] = [];

  constructor(launch: Launch, { limits, shared, waiting, onText }: ProcessOptions) {
    this.#limits = limits;
    const { message: held, requests, subscriptions } = limits.hosted;
    this.peer = new StdioPeer({
      firstByte: limits.firstByte,
      idle: limits.idle,
      held,
      waiting,
      requests,
      subscriptions,
      shared,
      write: (line) => this.#write(line),
    });
    this.#child = spawn(launch.program, launch.args, {
      env: launch.env,
      cwd: launch.cwd,
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe', ...launch.pipes.map(() => 'pipe' as const)],
    });
    this.ended = this.#watchEnd();
    this.#feed(launch.pipes);
    this.#listen(onText);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Closes its input, as MCP asks (transports: stdio, Shutdown), and ends it by force where that is not enough. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.#child.stdin?.end();
    const force = setTimeout(() => this.#kill(), this.#limits.hosted.stop);
    await this.ended;
    clearTimeout(force);
  }

  #watchEnd(): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    const end = (how: string): void => {
      this.alive = false;
      this.peer.close(serverEnded(how));
      resolve(how);
    };
    this.#child.once('error', (error) => end(errorText(error)));
    this.#child.once('exit', (code, signal) => {
      this.#kill();
      for (const pipe of this.#held) pipe.destroy();
      const how = signal ?? `exit code ${code}`;
      const late = setTimeout(() => this.#child.stdout?.destroy(), LINGER);
      // What it said before it ended may still be in the pipe.
      this.#child.once('close', () => {
        clearTimeout(late);
        end(how);
      });
      late.unref();
      setTimeout(() => this.#child.stderr?.destroy(), LINGER).unref();
    });
    return promise;
  }

  #feed(pipes: Launch['pipes']): void {
    for (const [index, pipe] of pipes.entries()) {
      const stream = this.#child.stdio[index + 3] as Duplex | undefined;
      stream?.on('error', () => undefined);
      if (pipe === 'held') this.#held.push(...(stream ? [stream] : []));
      else stream?.end(pipe.content);
    }
  }

  #listen(onText: ProcessOptions['onText']): void {
    const { stdin, stdout, stderr } = this.#child as { stdin: Writable; stdout: Readable; stderr: Readable };
    const text = (bytes: Buffer): void => onText(bytes.subarray(0, TEXT_LIMIT).toString());
    const messages = new LineReader(this.#limits.hosted.message, {
      line: (bytes) => {
        if (!this.peer.receive(bytes)) text(bytes);
      },
      tooLong: () => {
        // Whose answer it is can't be told from a part of it.
        this.peer.close(messageTooLarge(this.#limits.hosted.message));
        this.#kill();
      },
    });
    const words = new LineReader(TEXT_LIMIT, { line: text, tooLong: text });
    stdin.on('error', () => undefined);
    readFairly(stdout, messages);
    readFairly(stderr, words);
  }

  #write(line: string): boolean {
    const { stdin } = this.#child;
    if (!stdin?.writable || stdin.writableLength > this.#limits.hosted.message) return false;
    stdin.write(line);
    return true;
  }

  #kill(): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // The group is gone already.
    }
  }
}

/** A server that floods us gets half of our time at most: after a long piece of work it waits for as long. */
function readFairly(stream: Readable, lines: LineReader): void {
  stream.on('data', (chunk: Buffer) => {
    const began = performance.now();
    lines.write(chunk);
    const took = performance.now() - began;
    if (took < LONG) return;
    stream.pause();
    setTimeout(() => stream.resume(), took).unref();
  });
}
