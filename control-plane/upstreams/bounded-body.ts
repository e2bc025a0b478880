import { overLimit } from '../config/limits.js';
import type { BodyConsumer, ResponseBody } from './exchange.js';

/** A body that is cut where it is larger than `limits.answerBytes`. It may have taken effect all the same. */
export function bounded(body: ResponseBody, limit: number): ResponseBody {
  let size = 0;
  const tooLarge = (): Error =>
    overLimit(
      'upstream_invalid',
      'answerBytes',
      `The answer of the MCP server is larger than ${limit} bytes`,
      'Ask for less.',
    );
  return {
    read(consumer: BodyConsumer): void {
      body.read({
        data(chunk) {
          size += chunk.length;
          if (size <= limit) return consumer.data(chunk);
          body.abort(tooLarge());
          return true;
        },
        end: () => consumer.end(),
        failed: (error) => consumer.failed(error),
      });
    },
    resume: () => body.resume(),
    abort: (reason) => body.abort(reason),
  };
}
