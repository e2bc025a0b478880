import { Global, Module } from '@nestjs/common';
import { CONFIG } from '../config/config.module.js';
import { Logger } from './logger.js';
import { SpanExport } from './otlp/span-export.js';
import { RequestObserver } from './requests/request-observer.js';
import { spanExportOf, TelemetryService } from './telemetry.service.js';

/** What a process that answers requests tells of them; commands that work offline tell nothing. */
@Global()
@Module({
  providers: [
    { provide: SpanExport, inject: [CONFIG, Logger], useFactory: spanExportOf },
    RequestObserver,
    TelemetryService,
  ],
  exports: [RequestObserver],
})
export class TelemetryModule {}
