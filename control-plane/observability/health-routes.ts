import type { FastifyInstance } from 'fastify';
import { PATHS } from '#shared/api/paths.js';
import type { Health } from './health.js';

/** `/healthz`: the process lives. `/readyz`: it may be sent calls (503 where not). Open to all, so without details. */
export function addHealthRoutes(fastify: FastifyInstance, health: Health): void {
  fastify.get(PATHS.healthz, () => ({ alive: true }));
  fastify.get(PATHS.readyz, async (_request, reply) => {
    const { ready, reason } = await health.report();
    return reply.code(ready ? 200 : 503).send({ ready, reason });
  });
}
