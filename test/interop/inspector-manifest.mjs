// The published inspector-cli looks for its package.json where it lies in the Inspector's own repository.
import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, next) {
    const misplaced = specifier.endsWith('../package.json') && context.parentURL?.includes('/inspector-cli/build/');
    return misplaced ? next('../package.json', context) : next(specifier, context);
  },
});
