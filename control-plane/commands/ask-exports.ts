import { DeliveryFailure } from '../audit/delivery/delivery-failure.js';
import { sinksOf } from '../audit/export/sinks.js';
import type { LoadedConfig } from '../config/settings.js';
import type { ChannelAnswers } from './ask-channels.js';

const ASK_MS = 15_000;

/**
 * Asks each sink of the audit export, all at once, whether it would take records; it is sent none. Those that nobody can ask without
 * one are left alone. What does not answer now may answer later, so it is a warning. Never rejects.
 */
export async function askExports(config: LoadedConfig): Promise<ChannelAnswers> {
  const sinks = sinksOf(config).filter((sink) => sink.probe);
  const answers = await Promise.all(
    sinks.map(async (sink) => {
      const { name } = sink;
      try {
        await sink.probe?.(AbortSignal.timeout(ASK_MS));
        return { name, objection: undefined };
      } catch (error) {
        return { name, objection: error instanceof DeliveryFailure ? error.message : 'it could not be asked' };
      }
    }),
  );
  return {
    warnings: answers.flatMap(({ name, objection }) =>
      objection === undefined
        ? []
        : [`audit.export.${name}: ${objection} → see docs/guides/audit-export.md; records wait until it takes them`],
    ),
    agreeing: answers.filter(({ objection }) => objection === undefined).map(({ name }) => name),
  };
}
