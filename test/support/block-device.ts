import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MIB = 1024 * 1024;
/** `EXT4_IOC_SHUTDOWN` with `EXT4_GOING_FLAGS_NOLOGFLUSH`: nothing more reaches the device, in one moment. */
const CUT = `import fcntl, os, struct, sys
fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587D, struct.pack('I', 2))`;

/** A small ext4 disk of its own on a loop device, whose power can be cut: what was not synchronised is gone. Needs root. */
export class BlockDevice implements Disposable {
  /** Where it is mounted; anybody may write there. */
  readonly folder: string;
  readonly #home: string;
  readonly #image: string;
  #copies = 0;

  constructor(mebibytes: number) {
    this.#home = mkdtempSync(join(tmpdir(), 'mcp-sso-device-'));
    run('chmod', '755', this.#home);
    this.folder = join(this.#home, 'disk');
    this.#image = join(this.#home, 'disk.img');
    mkdirSync(this.folder);
    writeFileSync(this.#image, '');
    truncateSync(this.#image, mebibytes * MIB);
    // No blocks that only root may fill, and none left to be initialised by the kernel later.
    run('mkfs.ext4', '-q', '-F', '-m', '0', '-E', 'lazy_itable_init=0,lazy_journal_init=0', this.#image);
    this.#mount();
    run('chmod', '777', this.folder);
  }

  /** Why this machine cannot have one; undefined where it can. */
  static fault(): string | undefined {
    try {
      using device = new BlockDevice(8);
      device.cutPower();
      return undefined;
    } catch {
      return 'needs root, loop devices, mkfs.ext4 and python3';
    }
  }

  /** All that was written so far survives from now on. */
  synchronise(): void {
    run('sync', '--file-system', this.folder);
  }

  /** Whoever writes from now on gets an error, until `powerUp`. */
  cutPower(): void {
    run('python3', '-c', CUT, this.folder);
  }

  /** Mounts a copy of the raw device, so that the journal replays as after a start of the machine. Nobody may have a file open. */
  powerUp(): void {
    const copy = join(this.#home, `copy-${(this.#copies += 1)}.img`);
    run('dd', `if=${this.#image}`, `of=${copy}`, 'bs=1M', 'conv=sparse', 'status=none');
    run('umount', this.folder);
    run('mv', copy, this.#image);
    this.#mount();
  }

  [Symbol.dispose](): void {
    try {
      run('umount', '--lazy', this.folder);
    } finally {
      rmSync(this.#home, { recursive: true, force: true });
    }
  }

  #mount(): void {
    run('mount', '-o', 'loop', this.#image, this.folder);
  }
}

function run(program: string, ...args: readonly string[]): void {
  execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: 60_000 });
}
