import diagnosticsChannel from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context } from '@opentelemetry/api';
import { currentExchange } from './exchange.server.ts';
import { loggedPath } from './logged-path.server.ts';

const BATCH_MS = 1000;
/** Health checks and files. */
const UNTRACED = /^\/(?:healthz|readyz|assets\/|favicon)/;

const STARTED = Symbol.for('rejoin.tracing');
const holder = globalThis as unknown as { [STARTED]?: true };

/**
 * Sends a span for each request to a collector. Requests for `UNTRACED` paths get no span. The span is the parent of the spans that
 * the sidecar makes for the same request. Only the first call of this function has an effect.
 *
 * @param endpoint the URL of an OTLP collector over HTTP, without `/v1/traces`
 */
export async function startTracing({ endpoint }: { endpoint: string }): Promise<void> {
  if (holder[STARTED]) return;
  holder[STARTED] = true;
  // OpenTelemetry is loaded only here, so that it costs nothing without a collector.
  const [{ ROOT_CONTEXT, SpanKind, SpanStatusCode, trace }, sdk, { OTLPTraceExporter }, { resourceFromAttributes }] =
    await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/sdk-trace-node'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
    ]);
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces` });
  const provider = new sdk.NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'rejoin-app' }),
    spanProcessors: [new sdk.BatchSpanProcessor(exporter, { scheduledDelayMillis: BATCH_MS })],
  });
  const tracer = provider.getTracer('rejoin');

  function contextIn(traceparent: string | undefined): Context {
    if (traceparent === undefined) return ROOT_CONTEXT;
    const [, traceId = '', spanId = '', flags = '00'] = traceparent.split('-');
    return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: parseInt(flags, 16), isRemote: true });
  }

  diagnosticsChannel.subscribe('http.server.request.start', (message) => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
    const path = request.url?.split('?')[0] ?? '/';
    const exchange = currentExchange();
    if (exchange?.request !== request || UNTRACED.test(path)) return;
    const method = request.method ?? 'GET';
    const attributes = { 'http.request.method': method, 'url.path': loggedPath(path) };
    const span = tracer.startSpan(method, { kind: SpanKind.SERVER, attributes }, contextIn(exchange.traceparent));
    const { traceId, spanId, traceFlags } = span.spanContext();
    exchange.traceparent = `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
    response.once('close', () => {
      span.setAttribute('http.response.status_code', response.statusCode);
      if (response.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    });
  });

  const flush = () => void provider.forceFlush().catch(() => {}); // the collector may be unreachable
  process.once('SIGTERM', flush);
  process.once('SIGINT', flush);
  process.once('beforeExit', flush);
}
