import { grantSchema } from '#shared/api/grants.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { TimeZone } from '../../time-phrases/time-zone.js';
import { readAnswer, type CallApi } from '../api-answer.js';
import { jsonLine } from '../command.js';
import type { CommandContext } from '../context.js';
import { printGrant } from './grant-detail.js';

/** The admin API with these scopes, for one command. */
export function apiFor(context: CommandContext, scopes: readonly string[]): CallApi {
  const api = new AdminApi(context, scopes);
  return (method, path, content) => api.request(method, path, content);
}

/** Prints the grant that an answer holds, after a sentence on what has happened. */
export function printAnswer(
  context: CommandContext,
  sentence: string,
  answer: unknown,
  zone = TimeZone.ofThisMachine(),
): number {
  const grant = readAnswer(grantSchema, answer);
  context.stdout(context.json ? jsonLine(grant) : `${sentence}${printGrant(grant, zone)}`);
  return 0;
}
