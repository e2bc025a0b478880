import { Catch, HttpException, Inject, Injectable, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { errors as serverErrors } from 'oidc-provider';
import { asCoded, CodedError } from '#shared/errors.js';
import { Logger, shown } from '../../observability/logger.js';
import { errorPage } from './pages/error-page.js';
import { OtherPerson } from './required-sign-in.js';
import { pageHeaders } from '#shared/pages/page-headers.js';

/** Every failure of a sign-in as a page in words; the detail stays in the log. */
@Injectable()
@Catch()
export class PageErrorFilter implements ExceptionFilter {
  constructor(@Inject(Logger) private readonly logger: Logger) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const error = codedError(thrown);
    const fields = { code: shown(error.code), detail: shown(error.detail) };
    if (error.code === 'internal') this.logger.error('sign-in failed', fields);
    else this.logger.info('sign-in refused', fields);
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    void reply
      .status(error.form.http)
      .headers(pageHeaders())
      .send(errorPage({ code: error.code, message: error.message, ...anotherTry(error) }));
  }
}

/** Who signed in with the wrong account may take the right one: the authorization still waits. */
function anotherTry(error: CodedError): { again?: string } {
  return error instanceof OtherPerson ? { again: `/auth/interaction/${error.interaction}` } : {};
}

function codedError(thrown: unknown): CodedError {
  if (thrown instanceof serverErrors.SessionNotFound) return new CodedError('sign_in_expired', { cause: thrown });
  // A client that was admitted when the sign-in began, and no longer is.
  if (thrown instanceof serverErrors.InvalidClient)
    return new CodedError('sign_in_failed', { message: thrown.error_description ?? thrown.message, cause: thrown });
  if (thrown instanceof HttpException)
    return new CodedError('request_invalid', { message: 'The request is not valid.' });
  return asCoded(thrown);
}
