import { FRESH_SIGN_IN, PATHS, SCOPES } from '#shared/api/paths.js';
import { problemSchema } from '#shared/api/problem.js';
import { z } from 'zod';
import { ROLES } from '../../config/settings.js';
import { needsFreshSignIn } from '../../identity/access/requires.decorator.js';
import type { Operation } from './operations.js';
import { parametersOf } from './parameters.js';

const PROBLEM = { $ref: '#/components/schemas/Problem' };

const SCOPE_TEXTS: Readonly<Record<string, string>> = {
  [SCOPES.auditRead]: 'Read the audit log.',
  [SCOPES.sessionsRead]: 'List live sessions.',
  [SCOPES.sessionsWrite]: 'End sessions.',
  [SCOPES.usersRead]: 'List people.',
  [SCOPES.usersErase]: 'Erase people for good.',
  [SCOPES.holdsRead]: 'List legal holds.',
  [SCOPES.holdsWrite]: 'Put records under legal hold, and release them.',
  [SCOPES.catalogRead]: 'Read servers, roles and policies.',
  [SCOPES.catalogWrite]: 'Change servers, roles and policies.',
  [SCOPES.serversRead]: 'See the MCP servers and what hosted ones say.',
  [SCOPES.policiesRead]: 'Read policies, and check and test some.',
  [SCOPES.self]: 'Read what this API offers.',
};

/** The OpenAPI 3.1 document of the admin API. Everything in it is read from the routes and from the schemas they use. */
export function openApiDocument(operations: readonly Operation[], publicUrl: string, version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of operations) {
    paths[operation.route] = { ...paths[operation.route], [operation.method.toLowerCase()]: describe(operation) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'mcp-sso admin API',
      version,
      description:
        `Needs an access token for the resource ${publicUrl}${PATHS.api}, bound to a key (DPoP, RFC 9449). ` +
        'Tokens for the MCP endpoints are refused.',
    },
    servers: [{ url: publicUrl }],
    paths,
    components: { schemas: { Problem: jsonSchema(problemSchema) }, securitySchemes: { oauth2: oauth2(publicUrl) } },
  };
}

function describe(operation: Operation): object {
  const { id, summary, method, access } = operation;
  const fresh = needsFreshSignIn(access, method);
  return {
    operationId: id,
    summary,
    security: [{ oauth2: [access.scope] }],
    'x-access': {
      scope: access.scope,
      /** Any one of them. */
      roles: access.roles ?? [...ROLES],
      everyoneTheirOwn: access.roles === undefined || access.own === true,
      ...(fresh ? { maxSignInAge: FRESH_SIGN_IN } : {}),
    },
    ...(operation.body ? { requestBody: requestBody(operation.body) } : {}),
    parameters: [...parametersOf('path', operation.path), ...parametersOf('query', operation.query)],
    responses: {
      200: { description: 'Done.', content: { 'application/json': { schema: jsonSchema(operation.answer) } } },
      400: problem('A parameter is not valid; the detail names it.'),
      401: problem(
        fresh
          ? 'No valid token, or a sign-in that is too old: then the challenge names max_age (RFC 9470).'
          : 'No valid token.',
      ),
      403: problem('The token lacks the scope, or the account the role.'),
      ...(operation.body
        ? {
            409: problem('Somebody else was faster, or changes come from files.'),
            422: problem('Every fault, one a line.'),
          }
        : {}),
      ...(operation.path ? { 404: problem('There is no such thing, or it is not yours.') } : {}),
      503: problem('The audit log cannot be written, so nothing was done.'),
    },
  };
}

function requestBody(schema: z.ZodObject): object {
  return { required: true, content: { 'application/json': { schema: jsonSchema(schema) } } };
}

function problem(description: string): object {
  return { description, content: { 'application/problem+json': { schema: PROBLEM } } };
}

function jsonSchema(schema: z.ZodType): object {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema);
  return rest;
}

function oauth2(publicUrl: string): object {
  return {
    type: 'oauth2',
    flows: {
      authorizationCode: {
        authorizationUrl: publicUrl + PATHS.authorize,
        tokenUrl: publicUrl + PATHS.token,
        scopes: SCOPE_TEXTS,
      },
    },
  };
}
