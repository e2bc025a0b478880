import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PATHS } from '#shared/api/paths.js';
import { CodedError } from '#shared/errors.js';
import { MAX_SESSION_ID } from '#shared/api/sessions.js';
import { AppModule } from './app.module.js';
import type { LoadedConfig } from './config/settings.js';
import { refuseForeignHost } from './http/own-host.js';
import { sendProblem } from './http/problem-filter.js';
import { refuseConnection } from './http/refuse-connection.js';
import { addSecurityHeaders } from './http/security-headers.js';
import { AuthorizationServer } from './identity/authorization-server/authorization-server.js';
import { serverFactory } from './identity/authorization-server/mount.js';
import { addHealthRoutes } from './observability/health-routes.js';
import { Health } from './observability/health.js';
import { FrameworkLog } from './observability/framework-log.js';
import { Logger } from './observability/logger.js';

/** For every route that sets no limit of its own. */
const BODY_LIMIT_BYTES = 262_144;
/** For those that carry a whole set of policies. */
const POLICIES_LIMIT_BYTES = 1_048_576;
/** A request must have arrived within it; slow senders hold no socket. */
const REQUEST_LIMIT_MS = 120_000;
/** Longer than the idle limit of common proxies (60 s), so that they close first and no request meets a closing socket. */
const KEEP_ALIVE_MS = 72_000;

const CARRIES_POLICIES = new RegExp(`^(${PATHS.policies}|${PATHS.catalog})(/|$)`);

/** The whole control plane, initialised and not yet listening. Rejects where any part cannot start. */
export async function createApp(config: LoadedConfig): Promise<NestFastifyApplication> {
  const { settings } = config;
  let authorizationServer: AuthorizationServer | undefined;
  const adapter = new FastifyAdapter({
    routerOptions: { maxParamLength: MAX_SESSION_ID },
    serverFactory: serverFactory(() => authorizationServer, {
      maxHeaderSize: settings.limits.headerBytes,
      refuse: refuseForeignHost(settings.publicUrl),
    }),
    clientErrorHandler: refuseConnection(settings.limits.headerBytes),
    trustProxy: settings.trustedProxies.length > 0 ? settings.trustedProxies : false,
    bodyLimit: BODY_LIMIT_BYTES,
    forceCloseConnections: 'idle',
    frameworkErrors: (error: Error, _request: FastifyRequest, reply: FastifyReply) =>
      sendProblem(reply, unroutable(error)),
  });
  adapter.getInstance().addHook('onRoute', (route) => {
    if (CARRIES_POLICIES.test(route.url)) route.bodyLimit = POLICIES_LIMIT_BYTES;
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.of(config), adapter, {
    logger: new FrameworkLog(new Logger(settings.logLevel)),
    abortOnError: false,
  });
  const server = app.getHttpServer();
  server.requestTimeout = REQUEST_LIMIT_MS;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  addSecurityHeaders(server, settings.publicUrl);
  addHealthRoutes(adapter.getInstance(), app.get(Health));
  try {
    await app.init();
    await adapter.getInstance().ready();
  } catch (error) {
    await app.close();
    throw error;
  }
  authorizationServer = app.get(AuthorizationServer);
  return app;
}

/** Fastify's router refuses a malformed path before any hook or filter runs. */
function unroutable(error: Error): CodedError {
  return new CodedError('params_invalid', { message: 'The address of the request is not valid.', cause: error });
}
