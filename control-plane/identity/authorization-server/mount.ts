import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AuthorizationServer } from './authorization-server.js';
import { pathOf } from './pinned-origin.js';

export { AuthorizationServer } from './authorization-server.js';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;
type Refusal = (request: IncomingMessage, response: ServerResponse) => boolean;

/**
 * `serverFactory` for Fastify: the authorization server gets its paths with the body unread, Fastify gets the rest.
 * `find` answers undefined until the application has been wired; `refuse` answers what neither may see, and says so;
 * `maxHeaderSize` is in bytes.
 */
export function serverFactory(
  find: () => AuthorizationServer | undefined,
  { refuse, ...options }: { readonly maxHeaderSize?: number; readonly refuse?: Refusal } = {},
): (handler: Handler) => Server {
  return (handler) =>
    createServer(options, (request, response) => {
      if (refuse?.(request, response)) return;
      const server = find();
      if (server?.handles(pathOf(request))) server.handle(request, response);
      else handler(request, response);
    });
}
