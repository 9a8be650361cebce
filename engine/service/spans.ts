/**
 * Spans of a job by stage, for Deno's own OpenTelemetry (`OTEL_DENO=true`); without it they cost nothing. They hold the job's id,
 * names of stages and numbers of cases, and nothing of what was sent.
 */

// The API that Deno's exporter stands behind.
import { context, type Span, SpanStatusCode, trace, type Tracer } from "npm:@opentelemetry/api@1.9.0";
import type { RunEvent } from "../pipeline/mod.ts";

const tracer: Tracer = trace.getTracer("isocenter");

/** The spans of one job: itself, and what it is at. */
export class Spans {
  readonly #job: Span;
  #part: Span | undefined;

  constructor(id: string) {
    this.#job = tracer.startSpan("job", { attributes: { "isocenter.job": id } });
  }

  /** Begins a part of the job, where the part before ends. */
  enter(name: string, attributes: Record<string, string | number> = {}): void {
    this.#part?.end();
    this.#part = tracer.startSpan(name, { attributes }, trace.setSpan(context.active(), this.#job));
  }

  /** Begins and ends parts as the run tells. Ids of cases are numbers of the service's own. */
  note(event: RunEvent): void {
    if (event.type === "stage") this.enter(`stage ${event.stage}`, { "isocenter.case": event.id });
    if (event.type === "case" && event.status === "failed") this.#part?.setStatus({ code: SpanStatusCode.ERROR });
    if (event.type === "case") this.#close();
    if (event.type === "finish") this.#close();
  }

  /** Ends all; `problem` is the type of what the job failed by. */
  end(problem?: string): void {
    this.#close();
    if (problem !== undefined) {
      this.#job.setStatus({ code: SpanStatusCode.ERROR });
      this.#job.setAttribute("error.type", problem);
    }
    this.#job.end();
  }

  #close(): void {
    this.#part?.end();
    this.#part = undefined;
  }
}
