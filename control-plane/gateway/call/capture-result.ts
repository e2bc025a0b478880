import { captureLevels } from '../../audit/capture/capture-levels.js';
import { ResultCapture } from '../../audit/capture/result-capture.js';
import type { Parts } from '../parts.js';
import type { ClientResponse } from '../relay/client-response.js';
import { toolOf, type CallRoute } from './route.js';

/** Watches what the client gets of this call, where `audit.capture` keeps anything of it; undefined where it does not. */
export function captureResult(
  { audit, capture }: Pick<Parts, 'audit' | 'capture'>,
  { server, target }: CallRoute,
  client: ClientResponse,
): ResultCapture | undefined {
  const { results } = captureLevels(capture, server, toolOf(target));
  if (results === 'none') return undefined;
  const watch = new ResultCapture({ results, maxBytes: capture.maxBytes }, () => audit.newResultHash());
  client.watch(watch);
  return watch;
}
