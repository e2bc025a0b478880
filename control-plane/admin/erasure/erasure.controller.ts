import { Body, Controller, HttpCode, Inject, Ip, Param, Post, Query } from '@nestjs/common';
import { erasedSchema, erasureParametersSchema, erasureSchema, type Erased } from '#shared/api/erasure.js';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { CodedError } from '#shared/errors.js';
import { CurrentCaller } from '../../identity/access/current-caller.decorator.js';
import { Requires } from '../../identity/access/requires.decorator.js';
import type { Caller } from '../../identity/caller.js';
import { Describe } from '../openapi/describe.decorator.js';
import { readParameters } from '../read-parameters.js';
import { refuseQuery } from '../refuse-query.js';
import { PersonErasure } from './person-erasure.js';

/** What cannot be taken back: whoever asks for it names the person twice. */
@Controller()
export class ErasureController {
  constructor(@Inject(PersonErasure) private readonly erasure: PersonErasure) {}

  @Post(`${PATHS.users}/:id/erasure`)
  @HttpCode(200)
  @Requires({ scope: SCOPES.usersErase, roles: ['owner'], fresh: true })
  @Describe({
    id: 'eraseUser',
    summary: 'Erase a person for good: the key of their audit records, their sessions, connections and profile.',
    path: erasureParametersSchema,
    body: erasureSchema,
    answer: erasedSchema,
  })
  async erase(
    @Param() parameters: unknown,
    @Body() body: unknown,
    @Query() query: unknown,
    @CurrentCaller() caller: Caller,
    @Ip() address: string,
  ): Promise<Erased> {
    refuseQuery(query);
    const { id } = readParameters(erasureParametersSchema, parameters);
    const { confirm } = readParameters(erasureSchema, body);
    if (confirm !== id) {
      throw new CodedError('params_invalid', { message: 'To confirm, repeat the id of the person in `confirm`.' });
    }
    return this.erasure.erase(id, { caller, address });
  }
}
