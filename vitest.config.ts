import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  oxc: { decorator: { legacy: true } },
  // As Node does: it knows no `module` beside `main`.
  resolve: { conditions: ['mcp-sso-source'], mainFields: [] },
  ssr: { resolve: { conditions: ['mcp-sso-source', 'node'] } },
  test: {
    // The cache's key ignores tsconfig changes, so a stale transform can keep a broken test green.
    fsModuleCache: false,
    // Half of the time a test waits for something else: with one worker per core, half of the machine would be idle.
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
    execArgv: [
      '--disable-warning=ExperimentalWarning',
      '--import',
      import.meta.resolve('./test/support/source-modules.mjs'),
    ],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          // Loading the product anew for every file costs more than all tests together; a test that leaves something behind is a defect.
          isolate: false,
          globalSetup: ['test/support/temporary-folder.ts', 'test/support/postgres-setup.ts'],
          include: ['{cli,control-plane,shared,demo,test/bench}/**/*.test.ts'],
          // Safety nets: a machine that is busy is slow and not red.
          testTimeout: 30_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'system',
          globalSetup: 'test/support/postgres-setup.ts',
          include: ['test/{e2e,attacks,conformance,interop,fuzz}/**/*.test.ts'],
          exclude: ['**/*.long.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          exclude: ['**/*.long.test.ts'],
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'long',
          include: ['test/**/*.long.test.ts'],
          testTimeout: 10 * 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
