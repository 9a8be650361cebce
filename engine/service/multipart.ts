/** Multipart bodies, read part by part and written: forms, and `multipart/related` as DICOMweb has it. */

// Streams, checks and bounds every multipart type, where Request.formData takes forms only, as a whole.
import { MultipartParseError, type MultipartPart, parseMultipartStream } from "npm:@remix-run/multipart-parser@0.16.3";
import { RequestError } from "./problem.ts";

/** Most files of one body. */
const MOST_PARTS = 20_000;

/** A media type and its parameters, both as a header states them. */
export function mediaTypeOf(header: string | null): { readonly type: string; readonly boundary?: string } {
  const [type = "", ...parameters] = (header ?? "").split(";").map((part) => part.trim());
  const boundary = parameters.map((text) => /^boundary="?([^"]+)"?$/i.exec(text)?.[1]).find((found) => found);
  return { type: type.toLowerCase(), ...boundary !== undefined && { boundary } };
}

/** A request or an answer, as far as its body is read. */
interface WithBody {
  readonly body: ReadableStream<Uint8Array> | null;
  readonly headers: { get(name: string): string | null };
}

/** The parts of a body, each when it is there. Throws a `RequestError` of `status` where the body is none of that kind. */
export async function* partsOf(
  { body, headers }: WithBody,
  most: number,
  status: number,
): AsyncGenerator<MultipartPart> {
  const { boundary } = mediaTypeOf(headers.get("content-type"));
  if (boundary === undefined) throw new RequestError(status, "bad-form", "The content type names no boundary: add it");
  if (body === null) return;
  try {
    yield* parseMultipartStream(body, { boundary, maxParts: MOST_PARTS, maxFileSize: most, maxTotalSize: most });
  } catch (error) {
    if (!(error instanceof MultipartParseError)) throw error;
    throw new RequestError(status, "bad-form", `The multipart body cannot be read (${error.message}): send it whole`);
  }
}

/** DICOM files as a `multipart/related` body. */
export function relatedBody(files: readonly Blob[]): { readonly body: Blob; readonly contentType: string } {
  const boundary = `isocenter-${crypto.randomUUID()}`;
  const parts = files.flatMap((file) => [`--${boundary}\r\ncontent-type: application/dicom\r\n\r\n`, file, "\r\n"]);
  const contentType = `multipart/related; type="application/dicom"; boundary=${boundary}`;
  return { body: new Blob([...parts, `--${boundary}--\r\n`]), contentType };
}
