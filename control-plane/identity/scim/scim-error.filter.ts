import { Catch, Inject, Injectable, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { codedErrorOf } from '../../http/problem.js';
import { Logger, shown } from '../../observability/logger.js';
import { ScimError, scimErrorBody } from './protocol/scim-error.js';
import { SCIM_MEDIA_TYPE } from './scim-body.js';

/** Every failure in the protocol's own form; the detail stays in the log, and nothing of the request gets there. */
@Injectable()
@Catch()
export class ScimErrorFilter implements ExceptionFilter {
  constructor(@Inject(Logger) private readonly logger: Logger) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const error = this.#refusalOf(thrown, request);
    if (!reply.sent) void reply.code(error.status).type(SCIM_MEDIA_TYPE).send(scimErrorBody(error));
  }

  #refusalOf(thrown: unknown, { method, routeOptions }: FastifyRequest): ScimError {
    const request = { method: shown(method), route: shown(routeOptions.url ?? '') };
    if (thrown instanceof ScimError) {
      const fields = { ...request, status: shown(thrown.status), scimType: shown(thrown.scimType) };
      this.logger.info('scim refused', { ...fields, reason: shown(thrown.message) });
      return thrown;
    }
    const error = codedErrorOf(thrown);
    const fields = { ...request, code: shown(error.code), detail: shown(error.detail) };
    if (error.form.http >= 500) this.logger.error('scim failed', fields);
    else this.logger.info('scim refused', fields);
    return new ScimError(error.form.http, error.message);
  }
}
