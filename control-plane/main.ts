#!/usr/bin/env node
import { runProgram } from './commands/program.js';
import { processEnvironment } from './config/process-environment.js';

const EXIT_LIMIT_MS = 2000;

process.exitCode = await runProgram(process.argv.slice(2), {
  input: process.stdin,
  output: process.stdout,
  errors: process.stderr,
  environment: processEnvironment(),
});
// A handle that some library left open must not keep a finished command alive.
setTimeout(() => process.exit(), EXIT_LIMIT_MS).unref();
