import {
  Body,
  Controller,
  Get,
  HttpCode,
  Inject,
  Param,
  Post,
  Query,
  Req,
  Res,
  UseFilters,
  UseGuards,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PATHS } from '#shared/api/paths.js';
import { CodedError } from '#shared/errors.js';
import { shownName } from '#shared/pages/facts.js';
import { ActiveCatalog } from '../../../catalog/active-catalog.js';
import { CONFIG } from '../../../config/config.module.js';
import type { LoadedConfig } from '../../../config/settings.js';
import { refuseForeignOrigin } from '../../../identity/access/admission.js';
import { Public } from '../../../identity/access/public.decorator.js';
import { RateLimitGuard } from '../../../identity/rate-limit/rate-limit.guard.js';
import {
  answerVisitor,
  arriveVisit,
  beginVisit,
  ownForm,
  type PageRequest,
} from '../../../identity/sign-in/page-answer.js';
import { PageErrorFilter } from '../../../identity/sign-in/page-error.filter.js';
import { PageSignIn, type PageVisitor } from '../../../identity/sign-in/page-sign-in.js';
import { isPageSubject } from '../../../identity/sign-in/page-visit.js';
import type { AskedConnection } from '../connection.js';
import { ConnectionsService } from '../connections.service.js';
import {
  CONNECT_WORDS,
  donePage,
  leavingPage,
  listPage,
  requestPage,
  serverPage,
  type ConnectableServer,
} from './connect-pages.js';

/** The page on which people connect their own accounts at servers: plain forms, no script, a sign-in of its own. */
@Public()
@Controller(PATHS.connectPage)
@UseGuards(RateLimitGuard)
@UseFilters(PageErrorFilter)
export class ConnectPageController {
  constructor(
    @Inject(CONFIG) private readonly config: LoadedConfig,
    @Inject(PageSignIn) private readonly signIn: PageSignIn,
    @Inject(ConnectionsService) private readonly connections: ConnectionsService,
    @Inject(ActiveCatalog) private readonly catalog: ActiveCatalog,
  ) {}

  /** All of one's own; with `server`, what connecting that one would ask for. */
  @Get()
  async list(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Query('server') given: unknown,
  ): Promise<void> {
    if (given === undefined) {
      return await this.#answer({ request, reply, subject: undefined }, (visitor) => this.#list(visitor));
    }
    if (!isPageSubject('connect', given) || isRequest(given)) throw noSuchPage();
    await this.#answer({ request, reply, subject: given }, (visitor) => this.#offer(visitor, given));
  }

  /** Connects a server that no call waits for, or ends a connection. */
  @Post()
  @HttpCode(200)
  async act(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Body() body: unknown): Promise<void> {
    refuseForeignOrigin(request.headers.origin, this.config.settings.publicUrl);
    await this.#answer({ request, reply, subject: undefined }, async (visitor) => {
      const form = ownForm(this.signIn, visitor, body);
      const [server, ended] = [form.get('connect'), form.get('end')];
      if (typeof server === 'string') return this.#leave(visitor, server, null, reply);
      if (typeof ended !== 'string') throw new CodedError('params_invalid');
      await this.#end(visitor, ended);
      return this.#list(visitor);
    });
  }

  @Get('sign-in')
  async begin(@Res() reply: FastifyReply, @Query() query: Record<string, unknown>): Promise<void> {
    await beginVisit(this.signIn, 'connect', reply, query);
  }

  @Get('signed-in')
  async arrive(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Query() query: Record<string, unknown>,
  ): Promise<void> {
    await arriveVisit(this.signIn, 'connect', { request, reply }, query);
  }

  /** Where the server's authorization server sends the browser back (RFC 6749 §4.1.2). */
  @Get('callback')
  async finish(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const query = request.url.slice(request.url.indexOf('?'));
    await this.#answer({ request, reply, subject: undefined }, async (visitor) => {
      const { connection, request: id } = await this.connections.finish(visitor, query, visitor.browser);
      return donePage(this.#named(connection.server), id !== null);
    });
  }

  @Get(':id')
  async show(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('id') given: string): Promise<void> {
    const subject = requestId(given);
    await this.#answer({ request, reply, subject }, async (visitor) =>
      this.#show(await this.#asked(visitor, subject), visitor),
    );
  }

  @Post(':id')
  @HttpCode(200)
  async decide(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('id') given: string,
    @Body() body: unknown,
  ): Promise<void> {
    refuseForeignOrigin(request.headers.origin, this.config.settings.publicUrl);
    const subject = requestId(given);
    await this.#answer({ request, reply, subject }, async (visitor) => {
      const decision = ownForm(this.signIn, visitor, body).get('decision');
      const asked = await this.#asked(visitor, subject);
      if (asked.state !== 'open') return this.#show(asked, visitor);
      if (decision === 'connect') return this.#leave(visitor, asked.server, subject, reply);
      if (decision !== 'refuse') throw new CodedError('params_invalid');
      await this.connections.refuse(subject, visitor.person.id);
      return this.#show(await this.#asked(visitor, subject), visitor);
    });
  }

  #answer(visit: PageRequest, work: (visitor: PageVisitor) => Promise<string>): Promise<void> {
    return answerVisitor(this.signIn, CONNECT_WORDS, visit, work);
  }

  /** Throws `not_found` for everybody but the person whose call asked: a link that was passed on opens nothing. */
  async #asked({ person }: PageVisitor, id: string): Promise<AskedConnection> {
    const asked = await this.connections.look(id);
    const isTheirs =
      asked?.person.id === person.id &&
      asked.person.issuer === person.issuer &&
      asked.person.subject === person.subject;
    if (asked && isTheirs) return asked;
    const message = `Nothing waits here for you, ${shownName(person)}. Only the person whose AI app asked can open this address.`;
    throw new CodedError('not_found', { message });
  }

  async #show(asked: AskedConnection, visitor: PageVisitor): Promise<string> {
    const server = this.#named(asked.server);
    if (asked.state !== 'open') return requestPage({ asked, server, plan: undefined, csrf: visitor.csrf });
    const plan = await this.connections.plan(visitor, asked.server, asked.id);
    return requestPage({ asked, server, plan, csrf: visitor.csrf });
  }

  async #offer(visitor: PageVisitor, server: string): Promise<string> {
    const plan = await this.connections.plan(visitor, server, null);
    const connected = await this.connections.list({ person: visitor.person.id, server });
    const isConnected = connected.some(({ state }) => state === 'active');
    return serverPage({ server: this.#named(server), plan, isConnected, csrf: visitor.csrf });
  }

  async #list(visitor: PageVisitor): Promise<string> {
    const connections = await this.connections.list({ person: visitor.person.id });
    const open = this.connections.servers(visitor).filter((id) => connections.every(({ server }) => server !== id));
    return listPage({
      name: shownName(visitor.person),
      connected: connections.map((connection) => ({ connection, server: this.#named(connection.server) })),
      open: open.map((id) => this.#named(id)),
      csrf: visitor.csrf,
    });
  }

  /** The form leads to a page of ours that leads on: an authorization server may send the browser anywhere, which `form-action` would forbid. */
  async #leave(visitor: PageVisitor, server: string, request: string | null, reply: FastifyReply): Promise<string> {
    const { location } = await this.connections.begin(visitor, server, { request, browser: visitor.browser });
    void reply.header('refresh', `0;url=${location}`);
    return leavingPage(this.#named(server), location);
  }

  async #end({ person }: PageVisitor, id: string): Promise<void> {
    const own = await this.connections.list({ person: person.id });
    if (!own.some((connection) => connection.id === id)) throw new CodedError('not_found');
    await this.connections.end(id, { person: person.id, reason: 'ended on the page by the person' });
  }

  #named(id: string): ConnectableServer {
    const { servers } = this.catalog.current();
    return { id, title: (Object.hasOwn(servers, id) ? servers[id]?.title : undefined) ?? id };
  }
}

function requestId(given: string): string {
  if (isPageSubject('connect', given) && isRequest(given)) return given;
  throw noSuchPage();
}

function isRequest(subject: string): boolean {
  return subject.startsWith('cnr_');
}

function noSuchPage(): CodedError {
  return new CodedError('not_found', { message: 'There is no such page.' });
}
