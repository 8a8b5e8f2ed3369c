import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Context, Span } from '@opentelemetry/api';
import { currentRequest, traceIdIn } from './request-context.ts';
import { noTelemetry, type Telemetry } from './telemetry.ts';

/** Spans for a collector: one for each request and one for each generation. Spans contain ids of streams and models, never text. */
export interface Tracing {
  /** Begins the span of a request. The span ends when `response` closes. `route`: the pattern of the route, not the URL. */
  follow(request: IncomingMessage, response: ServerResponse, route: string | undefined): void;
  /** The W3C `traceparent` for work that this request starts. */
  traceparentOf(request: IncomingMessage): string | undefined;
  telemetry: Telemetry;
  /** Sends the remaining spans. Gives up after {@link STOP_MS}. */
  stop(): Promise<void>;
}

const BATCH_MS = 1000;
const STOP_MS = 2000;
/** A span stays open for this time after `streamLeft`, because `streamEnded` may come later, for example after a cancellation. */
const END_GRACE_MS = 3000;

/** @param endpoint the URL of a collector that accepts OTLP over HTTP, without `/v1/traces` */
export async function startTracing({ endpoint }: { endpoint: string }): Promise<Tracing> {
  // The SDK is imported only here, so a sidecar without a collector does not load it.
  const [api, sdk, { OTLPTraceExporter }, { resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace-node'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  const { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } = api;
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces` });
  const provider = new sdk.NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'rejoin-sidecar' }),
    spanProcessors: [new sdk.BatchSpanProcessor(exporter, { scheduledDelayMillis: BATCH_MS })],
  });
  const tracer = provider.getTracer('rejoin');
  const requests = new WeakMap<IncomingMessage, Span>();
  const generations = new Map<string, Span>();

  function contextIn(traceparent: unknown): Context {
    const traceId = traceIdIn(traceparent);
    if (traceId === undefined) return ROOT_CONTEXT;
    const [, , spanId = '', flags = '00'] = String(traceparent).split('-');
    return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: parseInt(flags, 16), isRemote: true });
  }

  function begin(streamId: string, modelId: string, parent: Context, how: Record<string, string | boolean>): void {
    generations.get(streamId)?.end();
    const attributes = { 'rejoin.stream_id': streamId, 'gen_ai.request.model': modelId, ...how };
    generations.set(streamId, tracer.startSpan('generation', { kind: SpanKind.INTERNAL, attributes }, parent));
  }

  function end(streamId: string, span: Span): void {
    if (generations.get(streamId) === span) generations.delete(streamId);
    span.end();
  }

  return {
    follow(request, response, route) {
      const method = request.method ?? 'GET';
      const span = tracer.startSpan(
        route === undefined ? method : `${method} ${route}`,
        {
          kind: SpanKind.SERVER,
          attributes: { 'http.request.method': method, ...(route === undefined ? {} : { 'http.route': route }) },
        },
        contextIn(request.headers.traceparent),
      );
      requests.set(request, span);
      response.once('close', () => {
        span.setAttribute('http.response.status_code', response.statusCode);
        if (response.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
        span.end();
      });
    },

    traceparentOf(request) {
      const context = requests.get(request)?.spanContext();
      return context && `00-${context.traceId}-${context.spanId}-${context.traceFlags.toString(16).padStart(2, '0')}`;
    },

    telemetry: {
      ...noTelemetry,
      streamStarted({ streamId, modelId, servedBy }) {
        begin(streamId, modelId, contextIn(currentRequest()?.traceparent), { 'rejoin.served_by': servedBy });
      },
      // This span has no parent: only the memory of the old owner held the request that started the stream.
      streamRecovered({ streamId, modelId }, { policy, isHandover }) {
        begin(streamId, modelId, ROOT_CONTEXT, { 'rejoin.recovery': policy, 'rejoin.handover': isHandover });
      },
      firstToken: ({ streamId }) => void generations.get(streamId)?.addEvent('first token'),
      streamEnded({ streamId }, { outcome, code, bytes, tokens }) {
        const span = generations.get(streamId);
        if (span === undefined) return;
        span.setAttributes({ 'rejoin.outcome': outcome, 'rejoin.bytes': bytes, 'gen_ai.usage.output_tokens': tokens });
        if (code !== null) span.setAttribute('error.type', code).setStatus({ code: SpanStatusCode.ERROR });
        end(streamId, span);
      },
      streamLeft({ streamId }) {
        const span = generations.get(streamId);
        if (span !== undefined) setTimeout(() => end(streamId, span), END_GRACE_MS).unref();
      },
    },

    async stop() {
      for (const [streamId, span] of generations) end(streamId, span);
      const late = delay(STOP_MS, undefined, { ref: false });
      await Promise.race([provider.shutdown().catch(() => {}), late]); // the collector may be away
    },
  };
}
