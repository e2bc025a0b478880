import { Catch, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { CodedError } from '#shared/errors.js';
import { Logger, shown } from '../observability/logger.js';
import { codedErrorOf, problemOf } from './problem.js';

/** The last stop of every error on a Nest or Fastify route: a problem body outside, the detail in our log. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(Logger) private readonly logger: Logger) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const error = codedErrorOf(thrown);
    const { form, code, detail } = error;
    const route = shown(request.routeOptions?.url ?? '');
    const fields = { code: shown(code), method: shown(request.method), route, detail: shown(detail) };
    if (form.http >= 500) this.logger.error('http.failed', fields);
    else this.logger.debug('http.refused', fields);
    if (!reply.sent && !reply.raw.headersSent) sendProblem(reply, error);
  }
}

export function sendProblem(reply: FastifyReply, error: CodedError): void {
  void reply.code(error.form.http).type('application/problem+json').send(problemOf(error));
}
