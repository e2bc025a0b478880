import { SetMetadata, type CustomDecorator } from '@nestjs/common';
import { ACCESS } from './requires.decorator.js';

/** Opens a handler (or a whole controller) to anyone. Without it or `@Requires` a handler is denied. */
export function Public(): CustomDecorator<symbol> {
  return SetMetadata(ACCESS, 'public');
}
