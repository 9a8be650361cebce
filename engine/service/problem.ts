/** Errors as HTTP has them: RFC 9457 problem details, one type for each of our error classes. */

import {
  DeviceError,
  InputError,
  MemoryError,
  ModelError,
  OutputError,
  UnsupportedError,
  UsageError,
} from "../errors.ts";

/** Problem details. `type` is a name of this service's, which its OpenAPI document explains. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
}

/** A refusal of the service itself, with its HTTP status. */
export class RequestError extends Error {
  /** Name of the class. */
  override readonly name = "RequestError";
  /** The HTTP status. */
  readonly status: number;
  /** The last part of the problem's type. */
  readonly kind: string;
  /** Headers of the answer, such as Retry-After. */
  readonly headers: Readonly<Record<string, string>>;

  /** `kind` names the problem in its type. */
  constructor(status: number, kind: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.kind = kind;
    this.headers = headers;
  }
}

/** Error classes, the more special first, with the status and the title of their problems. */
const classes = [
  { of: UsageError, kind: "usage", status: 400, title: "The request or its pipeline is wrong" },
  { of: InputError, kind: "input", status: 422, title: "An input cannot be processed" },
  { of: UnsupportedError, kind: "unsupported", status: 501, title: "A model uses what is not supported" },
  { of: ModelError, kind: "model", status: 500, title: "A model is missing or broken" },
  { of: MemoryError, kind: "memory", status: 507, title: "The device has too little memory" },
  { of: DeviceError, kind: "device", status: 503, title: "The device is not usable" },
  { of: OutputError, kind: "output", status: 507, title: "Results cannot be written" },
] as const;

const prefix = "/problems/";

/** The problem that an error is. What is no error of ours tells nothing of the inside. */
export function problemOf(error: unknown): Problem {
  if (error instanceof RequestError) {
    return { type: `${prefix}${error.kind}`, title: titleOf(error.kind), status: error.status, detail: error.message };
  }
  const known = classes.find(({ of }) => error instanceof of);
  if (known === undefined) {
    return { type: `${prefix}fault`, title: "A fault of the service", status: 500, detail: "See the service's log" };
  }
  const { kind, title, status } = known;
  return { type: `${prefix}${kind}`, title, status, detail: (error as Error).message };
}

/** The problem of a job whose process told the exit status and the message of what ended it. */
export function problemOfStatus(status: number, message: string): Problem {
  const byStatus: Readonly<Record<number, Error>> = {
    2: new UsageError(message),
    3: new DeviceError(message),
    4: new ModelError(message),
    5: new InputError(message),
  };
  return problemOf(byStatus[status] ?? new Error(message));
}

/** Problem details as an answer. */
export function problemResponse(error: unknown): Response {
  const problem = problemOf(error);
  const headers = { "content-type": "application/problem+json", ...error instanceof RequestError ? error.headers : {} };
  return new Response(JSON.stringify(problem), { status: problem.status, headers });
}

function titleOf(kind: string): string {
  const words = kind.replaceAll("-", " ");
  return words[0].toUpperCase() + words.slice(1);
}

/** What a log may hold of an error: its class and where it was thrown, and not its message, which may name what was sent. */
export function placeOf(error: unknown): string {
  if (!(error instanceof Error)) return `error: ${typeof error} was thrown`;
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return [`error: ${error.name}`, ...frames].join("\n");
}
