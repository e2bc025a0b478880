// Loaded before the published server, which would listen on every interface and outlive whoever started it.
import { Server, type ListenOptions } from 'node:net';

process.on('disconnect', () => process.exit(0));

const listen = Reflect.get(Server.prototype, 'listen') as (options: ListenOptions, heard?: () => void) => Server;

Server.prototype.listen = function loopbackOnly(this: Server, port?: unknown, ...rest: unknown[]): Server {
  const onListening = rest.find((value) => typeof value === 'function') as (() => void) | undefined;
  const options: ListenOptions = { port: Number(port), host: '127.0.0.1' };
  return listen.call(this, options, onListening);
};
