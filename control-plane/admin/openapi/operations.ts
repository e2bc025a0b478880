import { RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { ACCESS, type AccessRule } from '../../identity/access/requires.decorator.js';
import { DESCRIPTION, type Description } from './describe.decorator.js';

/** One route of the admin API, as its handler declares it. */
export interface Operation extends Description {
  /** Upper case. */
  readonly method: string;
  /** With its parameters in braces. */
  readonly route: string;
  readonly access: AccessRule;
}

/** Every route of these controllers. Throws for one that declares no access or no description: it must not go unnoticed. */
export function operationsOf(controllers: readonly Type[]): Operation[] {
  return controllers.flatMap((controller) => {
    const prototype = controller.prototype as Record<string, unknown>;
    const handlers = Object.getOwnPropertyNames(prototype).map((name) => prototype[name]);
    return handlers.filter(isRoute).map((handler) => operationOf(controller, handler));
  });
}

type Handler = (...parameters: never[]) => unknown;

function isRoute(value: unknown): value is Handler {
  return typeof value === 'function' && Reflect.hasMetadata(METHOD_METADATA, value);
}

function operationOf(controller: Type, handler: Handler): Operation {
  const access = Reflect.getMetadata(ACCESS, handler) as AccessRule | undefined;
  const description = Reflect.getMetadata(DESCRIPTION, handler) as Description | undefined;
  if (!access || !description) throw new Error(`${controller.name}.${handler.name} declares no access or description`);
  const path = String(Reflect.getMetadata(PATH_METADATA, handler));
  return {
    ...description,
    access,
    method: RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod],
    route: path.replaceAll(/:(\w+)/g, '{$1}'),
  };
}
