import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Pool } from 'undici';
import { AppModule } from '../../../control-plane/app.module.js';
import { AuditService } from '../../../control-plane/audit/audit.service.js';
import { CatalogService } from '../../../control-plane/catalog/catalog.service.js';
import { checkDirectory } from '../../../control-plane/commands/check-directory.js';
import { parseListen } from '../../../control-plane/config/address.js';
import type { LoadedConfig } from '../../../control-plane/config/settings.js';
import type { Parts } from '../../../control-plane/gateway/parts.js';
import { serverFactory } from '../../../control-plane/identity/authorization-server/mount.js';
import { forwardBytes } from '../byte-forwarding.js';
import { partsOf } from './parts.js';
import { isStage } from './stage-names.js';
import { answerUpTo } from './stages.js';

type StageRequest = FastifyRequest<{ Params: { stage: string; server: string } }>;

/**
 * The control plane of the directory CONFIG with everything on, and beside its own endpoints one route for each stage of
 * a call in front of UPSTREAM. Says what memory it has when it is asked.
 */
const { config } = await checkDirectory(process.env['CONFIG'] ?? '', process.env);
if (!config) throw new Error('The configuration is not valid.');
const app = await listening(config);
process.on('message', () => process.send?.(memory()));
process.on('SIGTERM', () => void app.close().then(() => process.exit(0)));
process.send?.('ready');

async function listening(loaded: LoadedConfig): Promise<NestFastifyApplication> {
  const { settings, policyFiles } = loaded;
  const adapter = new FastifyAdapter({
    serverFactory: serverFactory(() => undefined, { maxHeaderSize: settings.limits.headerBytes }),
  });
  const application = await NestFactory.create<NestFastifyApplication>(AppModule.of(loaded), adapter, {
    logger: false,
  });
  let parts: Parts | undefined;
  addStages(adapter.getInstance(), () => (parts ??= partsOf(application, loaded)));
  await application.init();
  await application.get(AuditService).recordStart();
  await application.get(CatalogService).start({ ...settings, policyFiles });
  const { host, port } = parseListen(settings.listen)!;
  await application.listen(port, host);
  return application;
}

/** Routed and taken over as the product's own (`gateway/mcp-routes.ts`). */
function addStages(fastify: FastifyInstance, parts: () => Parts): void {
  const pool = new Pool(process.env['UPSTREAM'] ?? '', { connections: 128 });
  const answer = async ({ raw, params, ip }: StageRequest, reply: FastifyReply): Promise<void> => {
    reply.hijack();
    const { stage, server } = params;
    if (!isStage(stage)) throw new Error(`There is no stage ${stage}.`);
    const pass = (body: Buffer | string): Promise<void> => forwardBytes(pool, `/${server}`, body, reply.raw);
    try {
      await answerUpTo(stage, parts(), { request: raw, server, address: ip }, reply.raw, pass);
    } catch (error) {
      reply.raw.writeHead(500).end(String(error));
    }
  };
  fastify.route({ method: 'POST', url: '/stages/:stage/:server', onRequest: answer, handler: () => undefined });
}

function memory(): NodeJS.MemoryUsage {
  global.gc?.();
  global.gc?.();
  return process.memoryUsage();
}
