import { Body, Controller, Get, HttpCode, Inject, Post, Query } from '@nestjs/common';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import {
  gridFileSchema,
  gridRequestSchema,
  policyGridSchema,
  starterKitSchema,
  type PolicyGrid,
  type StarterKit,
} from '#shared/api/policies.js';
import { CodedError } from '#shared/errors.js';
import type { z } from 'zod';
import { ActiveCatalog } from '../../catalog/active-catalog.js';
import { CONFIG } from '../../config/config.module.js';
import { faultText } from '../../config/fault-text.js';
import type { LoadedConfig } from '../../config/settings.js';
import { Requires } from '../../identity/access/requires.decorator.js';
import { formatGrid } from '../../policy/grid/format-grid.js';
import { parseGrid } from '../../policy/grid/parse-grid.js';
import { GRID_FILE, readGrid } from '../../policy/grid/read-grid.js';
import { writeGrid } from '../../policy/grid/write-grid.js';
import { starterKit } from '../../policy/starter-kit/starter-kit.js';
import { Describe } from '../openapi/describe.decorator.js';
import { readParameters } from '../read-parameters.js';
import { refuseQuery } from '../refuse-query.js';
import { activeSettings } from './active-settings.js';
import { listed } from './policies.controller.js';
import { AUTHORS, READERS } from './policy-roles.js';

/** Policies that are written for somebody: the starter kit, and those of a grid. Nothing becomes active. */
@Controller()
export class PolicyDraftsController {
  constructor(
    @Inject(CONFIG) private readonly config: LoadedConfig,
    @Inject(ActiveCatalog) private readonly catalog: ActiveCatalog,
  ) {}

  @Get(`${PATHS.policies}/starter-kit`)
  @Requires({ scope: SCOPES.policiesRead, roles: AUTHORS })
  @Describe({
    id: 'readStarterKit',
    summary: 'Policies for common cases with their tests, for the servers that there are.',
    answer: starterKitSchema,
  })
  starterKit(@Query() query: unknown): StarterKit {
    refuseQuery(query);
    const { files, leftOut } = starterKit(activeSettings(this.config, this.catalog));
    return { files: [...files], leftOut: [...leftOut] };
  }

  @Get(`${PATHS.policies}/grid`)
  @Requires({ scope: SCOPES.policiesRead, roles: READERS })
  @Describe({
    id: 'readPolicyGrid',
    summary: 'The policies in force as a grid of groups and servers, and what a grid cannot express.',
    answer: policyGridSchema,
  })
  grid(@Query() query: unknown): PolicyGrid {
    refuseQuery(query);
    const { policyFiles, servers } = this.catalog.current();
    const { grid, custom } = readGrid(policyFiles);
    return {
      grid: Object.fromEntries([...grid].map(([group, row]) => [group, Object.fromEntries(row)])),
      custom: custom.map(listed),
      yaml: formatGrid(grid, custom, Object.keys(servers)),
    };
  }

  @Post(`${PATHS.policies}/grid`)
  @HttpCode(200)
  @Requires({ scope: SCOPES.policiesRead, roles: AUTHORS, reads: true })
  @Describe({
    id: 'writePolicyGrid',
    summary: 'A grid as the text of policies/grid.cedar, which keeps what a grid cannot express.',
    body: gridRequestSchema,
    answer: gridFileSchema,
  })
  write(@Body() body: unknown, @Query() query: unknown): z.output<typeof gridFileSchema> {
    refuseQuery(query);
    const { yaml, policies } = readParameters(gridRequestSchema, body);
    const { grid, faults } = parseGrid(yaml, activeSettings(this.config, this.catalog));
    if (faults.length > 0) throw new CodedError('catalog_refused', { message: faults.map(faultText).join('\n') });
    const { kept, custom } = readGrid(policies);
    const ids = custom.flatMap(({ id, file }) => (file === GRID_FILE ? [id] : []));
    return { file: GRID_FILE, text: writeGrid(grid, kept), kept: ids };
  }
}
