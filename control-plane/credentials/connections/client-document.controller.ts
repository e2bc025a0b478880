import { Controller, Get, Header, Inject } from '@nestjs/common';
import { PATHS } from '#shared/api/paths.js';
import { CONFIG } from '../../config/config.module.js';
import type { LoadedConfig } from '../../config/settings.js';
import { Public } from '../../identity/access/public.decorator.js';
import { clientDocument, type ClientDocument } from './client-document.js';

/** Tells authorization servers of MCP servers who we are. */
@Public()
@Controller(PATHS.connectClient)
export class ClientDocumentController {
  constructor(@Inject(CONFIG) private readonly config: LoadedConfig) {}

  @Get()
  @Header('cache-control', 'public, max-age=3600')
  @Header('access-control-allow-origin', '*')
  document(): ClientDocument {
    return clientDocument(this.config.settings.publicUrl);
  }
}
