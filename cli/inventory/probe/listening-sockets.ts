import { readLimitedFile } from '../documents/limited-file.js';

/** A TCP socket of this machine that listens, as Linux lists it. */
export interface ListeningSocket {
  readonly address: string;
  readonly port: number;
  readonly uid: number;
  readonly inode: string;
}

const LISTEN = '0A';

/** Every listening TCP socket of this network namespace. Linux only. */
export async function listeningSockets(): Promise<ListeningSocket[]> {
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map((file) => readLimitedFile(file, undefined)));
  const sockets = tables.flatMap(({ text = '' }) => text.split('\n').slice(1).flatMap(parseSocket));
  const byPlace = new Map(sockets.map((socket) => [`${socket.address} ${socket.port}`, socket]));
  return [...byPlace.values()].toSorted(
    (one, other) => one.port - other.port || (one.address < other.address ? -1 : 1),
  );
}

/** A line of `/proc/net/tcp` (proc_pid_net(5)). */
export function parseSocket(line: string): ListeningSocket[] {
  const [, local = '', , state, , , , uid, , inode = ''] = line.trim().split(/\s+/);
  const [address = '', port = ''] = local.split(':');
  const isAddress = /^(?:[0-9A-F]{8}|[0-9A-F]{32})$/.test(address);
  if (state !== LISTEN || !isAddress || !/^[0-9A-F]{4}$/.test(port)) return [];
  return [{ address: writtenAddress(address), port: Number.parseInt(port, 16), uid: Number(uid), inode }];
}

/** Each word of four bytes is in the order of the processor, and every one that we are built for is little-endian. */
function writtenAddress(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).toReversed());
  const numbers = bytes.map((byte) => Number.parseInt(byte, 16));
  if (numbers.length === 4) return numbers.join('.');
  const groups = Array.from({ length: 8 }, (_unused, at) =>
    (numbers[at * 2]! * 256 + numbers[at * 2 + 1]!).toString(16),
  );
  const mapped = groups.join(':').startsWith('0:0:0:0:0:ffff:');
  return mapped ? numbers.slice(12).join('.') : new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}
