import { connect } from 'node:net';

const TIMEOUT_MS = 5_000;

/** Sends these bytes and returns everything that comes back until the server closes: for requests no client library makes. */
export function exchange(port: number, bytes: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
  let answer = '';
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => (answer += chunk));
  socket.on('close', () => resolve(answer));
  socket.on('error', reject);
  socket.setTimeout(TIMEOUT_MS, () => socket.destroy());
  return promise;
}

/** The status of each response in a raw answer. */
export function statuses(answer: string): number[] {
  return [...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}
