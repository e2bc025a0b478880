import 'reflect-metadata';
import { PassThrough } from 'node:stream';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { expect, test } from 'vitest';
import { FrameworkLog } from './framework-log.js';
import { Logger } from './logger.js';

@Injectable()
class Engine {}

@Injectable()
class Car {
  constructor(readonly engine: Engine) {}
}

@Module({ providers: [Engine, Car] })
class Unwired {}

test('a constructor parameter without @Inject() fails the start', async () => {
  const logger = new FrameworkLog(new Logger('error', new PassThrough()));
  const start = NestFactory.createApplicationContext(Unwired, { logger, abortOnError: false });
  await expect(start).rejects.toThrow('has no decorator metadata');
});

test('Nest’s lines come out as one JSON object each', () => {
  const stream = new PassThrough();
  new FrameworkLog(new Logger('debug', stream)).error('Broken\nline', 'stack', 'Router');
  expect(JSON.parse(String(stream.read()))).toMatchObject({
    event: 'framework',
    message: 'Broken\u{fffd}line',
    context: 'Router',
  });
});
