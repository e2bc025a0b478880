import { Body, Controller, Get, HttpCode, Inject, Ip, Post, Query } from '@nestjs/common';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import {
  decidedSchema,
  decisionSchema,
  definitionQuerySchema,
  lockQuerySchema,
  lockSchema,
  reviewDetailSchema,
  reviewListSchema,
  reviewsQuerySchema,
  toolEffectsSchema,
  type Decided,
  type ListedReview,
  type LockText,
  type ReviewDetail,
  type ReviewList,
  type ToolEffects,
} from '#shared/api/reviews.js';
import { ActiveCatalog } from '../catalog/active-catalog.js';
import type { Role } from '../config/settings.js';
import { CurrentCaller } from '../identity/access/current-caller.decorator.js';
import { Requires } from '../identity/access/requires.decorator.js';
import type { Caller } from '../identity/caller.js';
import { configuredEffect } from '../policy/effects.js';
import { DefinitionsService } from '../policy/definitions/definitions.service.js';
import { effectsText } from '../policy/definitions/effects-text.js';
import { ReviewsService, type Review } from '../policy/definitions/reviews.service.js';
import { actorOf } from './actor.js';
import { Describe } from './openapi/describe.decorator.js';
import { readParameters } from './read-parameters.js';
import { refuseQuery } from './refuse-query.js';

const READING = ['owner', 'admin', 'approver'] as const satisfies readonly Role[];
const DECIDING = ['owner', 'approver'] as const satisfies readonly Role[];

/** Definitions of tools that wait for somebody to accept them. */
@Controller()
export class ReviewsController {
  constructor(
    @Inject(ReviewsService) private readonly reviews: ReviewsService,
    @Inject(DefinitionsService) private readonly definitions: DefinitionsService,
    @Inject(ActiveCatalog) private readonly catalog: ActiveCatalog,
  ) {}

  @Get(PATHS.reviews)
  @Requires({ scope: SCOPES.reviewsRead, roles: READING })
  @Describe({
    id: 'listReviews',
    summary: 'List definitions of tools: those that wait, were accepted or rejected.',
    query: reviewsQuerySchema,
    answer: reviewListSchema,
  })
  async list(@Query() raw: unknown): Promise<ReviewList> {
    const { state, server, tool, limit } = readParameters(reviewsQuerySchema, raw);
    const found = await this.reviews.list({
      limit: limit + 1,
      ...(state === undefined ? {} : { state }),
      ...(server === undefined ? {} : { server }),
      ...(tool === undefined ? {} : { tool }),
    });
    return { reviews: found.slice(0, limit).map(listed), more: found.length > limit };
  }

  @Get(`${PATHS.reviews}/definition`)
  @Requires({ scope: SCOPES.reviewsRead, roles: READING })
  @Describe({
    id: 'showReview',
    summary: 'What is new in one definition of a tool, against the one that was accepted before.',
    query: definitionQuerySchema,
    answer: reviewDetailSchema,
  })
  async show(@Query() raw: unknown): Promise<ReviewDetail> {
    const { server, tool, sha256 } = readParameters(definitionQuerySchema, raw);
    const { review, changes, hidden, ...rest } = await this.reviews.show(server, tool, sha256);
    return { ...rest, review: listed(review), changes: [...changes], hidden: [...hidden] };
  }

  @Post(`${PATHS.reviews}/decisions`)
  @HttpCode(200)
  @Requires({ scope: SCOPES.reviewsWrite, roles: DECIDING, fresh: true })
  @Describe({
    id: 'decideReview',
    summary: 'Accept or reject exactly the definition that was shown.',
    body: decisionSchema,
    answer: decidedSchema,
  })
  async decide(
    @Body() body: unknown,
    @Query() query: unknown,
    @CurrentCaller() caller: Caller,
    @Ip() address: string,
  ): Promise<Decided> {
    refuseQuery(query);
    const verdict = readParameters(decisionSchema, body);
    await this.reviews.decide(actorOf({ caller, address }), verdict);
    const { server, tool } = verdict;
    return { server, tool, reviewed: this.definitions.isReviewed(server, tool) };
  }

  @Get(`${PATHS.reviews}/effects`)
  @Requires({ scope: SCOPES.reviewsRead, roles: READING })
  @Describe({
    id: 'listToolEffects',
    summary: 'What tools do by the settings, and by the annotations of their servers.',
    query: lockQuerySchema,
    answer: toolEffectsSchema,
  })
  async effects(@Query() raw: unknown): Promise<ToolEffects> {
    const found = await this.reviews.suggestedEffects(readParameters(lockQuerySchema, raw).server);
    const { servers } = this.catalog.latest;
    const known = found.filter(({ server }) => Object.hasOwn(servers, server));
    const tools = known.map(({ server, tool, suggestedEffect }) => {
      const reviewed = this.definitions.isReviewed(server, tool);
      return { server, tool, effect: configuredEffect({ servers }, server, tool) ?? null, suggestedEffect, reviewed };
    });
    return { tools, yaml: effectsText(tools) };
  }

  @Get(`${PATHS.reviews}/lock`)
  @Requires({ scope: SCOPES.reviewsRead, roles: READING })
  @Describe({
    id: 'exportLock',
    summary: 'All accepted definitions as the text of `mcp-sso.lock.yaml`.',
    query: lockQuerySchema,
    answer: lockSchema,
  })
  async lock(@Query() raw: unknown): Promise<LockText> {
    return { text: await this.reviews.exportLock(readParameters(lockQuerySchema, raw).server) };
  }
}

function listed({ firstSeenAt, lastSeenAt, decidedAt, ...rest }: Review): ListedReview {
  return {
    ...rest,
    firstSeenAt: timeText(firstSeenAt),
    lastSeenAt: timeText(lastSeenAt),
    decidedAt: decidedAt === null ? null : timeText(decidedAt),
  };
}

function timeText(at: number): string {
  return new Date(at).toISOString();
}
