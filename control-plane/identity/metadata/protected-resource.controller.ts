import { Controller, Get, Header, Inject, Param } from '@nestjs/common';
import { CodedError } from '#shared/errors.js';
import { CONFIG } from '../../config/config.module.js';
import type { LoadedConfig } from '../../config/settings.js';
import { Public } from '../access/public.decorator.js';
import { issuerOf, resourcesOf, scopesOf } from '../resources.js';

/** RFC 9728 §2, as far as we have something to say. */
export interface ProtectedResourceMetadata {
  readonly resource: string;
  readonly authorization_servers: readonly string[];
  readonly scopes_supported: readonly string[];
  readonly bearer_methods_supported: readonly string[];
  readonly dpop_signing_alg_values_supported: readonly string[];
}

/**
 * Tells clients where tokens for a resource come from. Any well-formed server name is answered, so that strangers
 * learn nothing about which servers exist.
 */
@Public()
@Controller('.well-known/oauth-protected-resource')
export class ProtectedResourceController {
  constructor(@Inject(CONFIG) private readonly config: LoadedConfig) {}

  @Get(['', 'mcp'])
  @Header('access-control-allow-origin', '*')
  mcp(): ProtectedResourceMetadata {
    return this.#metadata(resourcesOf(this.config.settings.publicUrl).mcp);
  }

  @Get('mcp/:server')
  @Header('access-control-allow-origin', '*')
  server(@Param('server') server: string): ProtectedResourceMetadata {
    return this.#metadata(`${resourcesOf(this.config.settings.publicUrl).mcp}/${server}`);
  }

  @Get('api')
  @Header('access-control-allow-origin', '*')
  api(): ProtectedResourceMetadata {
    return this.#metadata(resourcesOf(this.config.settings.publicUrl).api);
  }

  #metadata(resource: string): ProtectedResourceMetadata {
    const { publicUrl } = this.config.settings;
    const scopes = scopesOf(publicUrl, resource);
    if (!scopes) throw new CodedError('not_found');
    return {
      resource,
      authorization_servers: [issuerOf(publicUrl)],
      scopes_supported: scopes,
      bearer_methods_supported: ['header'],
      dpop_signing_alg_values_supported: ['ES256'],
    };
  }
}
