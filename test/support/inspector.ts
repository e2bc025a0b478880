import { once } from 'node:events';
import { isObject, type JsonObject } from '#shared/mcp/json-rpc.js';
import { within } from '../../demo/stack/child.js';

/** In the environment of a Node process that is to be attached to. */
export const INSPECTABLE = 'NODE_OPTIONS=--inspect=127.0.0.1:0';

const ADDRESS = /Debugger listening on (ws:\S+)/g;
const WAIT = 60_000;

/** A Node process that was started with `--inspect`, seen from outside by the Chrome DevTools protocol. */
export class Inspector implements Disposable {
  readonly #waiting = new Map<number, PromiseWithResolvers<JsonObject>>();
  #lastId = 0;

  private constructor(private readonly socket: WebSocket) {
    socket.addEventListener('message', ({ data }) => this.#hear(JSON.parse(String(data)) as JsonObject));
  }

  /** Connects to the process that last named its address in this log, its stderr. */
  static async connect(log: string): Promise<Inspector> {
    const address = [...log.matchAll(ADDRESS)].at(-1)?.[1];
    if (address === undefined) throw new Error('The process named no address of its inspector.');
    const socket = new WebSocket(address);
    await within(once(socket, 'open'), WAIT, 'The inspector did not answer');
    return new Inspector(socket);
  }

  /** Bytes of JavaScript objects that are in use. */
  async heapAfterCollection(): Promise<number> {
    await this.#ask('HeapProfiler.collectGarbage');
    return Number((await this.#ask('Runtime.getHeapUsage'))['usedSize']);
  }

  /** How many objects of a module's class live. */
  async instances(file: string, exported: string): Promise<number> {
    const objects = await this.#objectsOf(file, exported);
    return Number(await this.#callOn(objects, 'function () { return this.length; }'));
  }

  /** Sizes of a private Map of each object of a module's class; a dot leads into another object. */
  async sizes(file: string, exported: string, member: string): Promise<number[]> {
    const objects = await this.#propertiesOf(await this.#objectsOf(file, exported), 'result');
    const sizes: number[] = [];
    for (const { objectId } of objects.filter(({ name }) => /^\d+$/.test(name))) {
      const map = await this.#memberOf(objectId, member.split('.'));
      sizes.push(Number(await this.#callOn(map, 'function () { return this.size; }')));
    }
    return sizes;
  }

  [Symbol.dispose](): void {
    this.socket.close();
  }

  async #objectsOf(file: string, exported: string): Promise<unknown> {
    const module = `process.getBuiltinModule('node:module').createRequire('/')(${JSON.stringify(file)})`;
    const { result } = await this.#ask('Runtime.evaluate', { expression: `${module}.${exported}.prototype` });
    const prototypeObjectId = objectIdOf(result);
    const { objects } = await this.#ask('Runtime.queryObjects', { prototypeObjectId });
    return objectIdOf(objects);
  }

  async #memberOf(objectId: unknown, path: readonly string[]): Promise<unknown> {
    const [member, ...rest] = path;
    if (member === undefined) return objectId;
    const found = (await this.#propertiesOf(objectId, 'privateProperties')).find(({ name }) => name === member);
    return this.#memberOf(found?.objectId, rest);
  }

  async #propertiesOf(objectId: unknown, list: string): Promise<{ name: string; objectId: unknown }[]> {
    const answer = await this.#ask('Runtime.getProperties', { objectId, ownProperties: true });
    const properties = (answer[list] ?? []) as JsonObject[];
    return properties.map(({ name, value }) => ({ name: String(name), objectId: objectIdOf(value) }));
  }

  async #callOn(objectId: unknown, functionDeclaration: string): Promise<unknown> {
    const { result } = await this.#ask('Runtime.callFunctionOn', {
      objectId,
      functionDeclaration,
      returnByValue: true,
    });
    return isObject(result) ? result['value'] : undefined;
  }

  async #ask(method: string, params: JsonObject = {}): Promise<JsonObject> {
    const id = (this.#lastId += 1);
    const answer = Promise.withResolvers<JsonObject>();
    this.#waiting.set(id, answer);
    this.socket.send(JSON.stringify({ id, method, params }));
    return within(answer.promise, WAIT, `${method} was not answered`);
  }

  #hear({ id, result, error }: JsonObject): void {
    const answer = this.#waiting.get(Number(id));
    if (isObject(result)) answer?.resolve(result);
    else answer?.reject(new Error(JSON.stringify(error)));
  }
}

function objectIdOf(remote: unknown): unknown {
  return isObject(remote) ? remote['objectId'] : undefined;
}
