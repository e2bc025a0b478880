import { Inject, Module } from '@nestjs/common';
import { IdentityModule } from '../identity/identity.module.js';
import { SubjectTokens } from '../identity/subject-tokens.js';
import { CredentialsModule } from './credentials.module.js';
import { CredentialsService } from './credentials.service.js';

/** Where people sign in: servers that are opened by tokens made from their own. Commands of the operator go without. */
@Module({ imports: [IdentityModule, CredentialsModule] })
export class PersonalCredentialsModule {
  constructor(
    @Inject(CredentialsService) credentials: CredentialsService,
    @Inject(SubjectTokens) people: SubjectTokens,
  ) {
    credentials.serve(people);
  }
}
