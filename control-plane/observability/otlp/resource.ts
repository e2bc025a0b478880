import { hostname } from 'node:os';
import { resourceFromAttributes, type Resource } from '@opentelemetry/resources';
import { PRODUCT } from '../product.js';

/** Who speaks (semantic conventions, `service`): one instance for each replica. No environment variable is read. */
export function serviceResource(): Resource {
  return resourceFromAttributes({
    'service.name': `${PRODUCT.name}-control-plane`,
    'service.version': PRODUCT.version,
    'service.instance.id': `${hostname()}:${process.pid}`,
  });
}

export const SCOPE = { name: PRODUCT.name, version: PRODUCT.version };
