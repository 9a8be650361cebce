/**
 * An S3-compatible store on loopback with a bucket `isocenter`, whose files lie in a folder. As s3rver takes any signature, AWS' own
 * signer proves each one before it, and the hash of each body. Prints the port once it listens. Arguments: the folder, the region,
 * the id and the secret of the key.
 */
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import S3rver from "s3rver";

const [directory, region, accessKeyId, secretAccessKey] = Deno.args;
const store = new S3rver({
  directory,
  port: 0,
  address: "127.0.0.1",
  silent: true,
  configureBuckets: [{ name: "isocenter" }],
});
const { port } = await store.run();

const signer = new SignatureV4({
  service: "s3",
  region,
  credentials: { accessKeyId, secretAccessKey },
  sha256: Sha256,
  uriEscapePath: false,
});

/** Why a request is refused; nothing where it is as it must be. */
async function refusal(request: Request, body: Uint8Array<ArrayBuffer>): Promise<string | undefined> {
  const { pathname, host, hostname } = new URL(request.url);
  const hash = request.headers.get("x-amz-content-sha256") ?? "";
  if (new Uint8Array(await crypto.subtle.digest("SHA-256", body)).toHex() !== hash) return "XAmzContentSHA256Mismatch";
  const [, date, time] = /^(\d{8})T(\d{6})Z$/.exec(request.headers.get("x-amz-date") ?? "") ?? ["", "", ""];
  const parts = [date.replace(/(....)(..)(..)/, "$1-$2-$3"), time.replace(/(..)(..)(..)/, "$1:$2:$3")];
  const signed = await signer.sign(
    {
      method: request.method,
      protocol: "http:",
      hostname,
      path: pathname,
      headers: { host, "x-amz-content-sha256": hash },
    },
    { signingDate: new Date(`${parts.join("T")}Z`) },
  );
  const plain = (text: string | null) => text?.replaceAll(", ", ",");
  return plain(signed.headers.authorization) === plain(request.headers.get("authorization"))
    ? undefined
    : "SignatureDoesNotMatch";
}

Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: ({ port }) => console.log(port) }, async (request) => {
  const body = await request.bytes();
  const why = await refusal(request, body);
  if (why !== undefined) return new Response(`<Error><Code>${why}</Code></Error>`, { status: 403 });
  const headers = new Headers(request.headers);
  headers.delete("host");
  // The key that s3rver knows.
  headers.set("authorization", headers.get("authorization")!.replace(accessKeyId, "S3RVER"));
  const target = new URL(new URL(request.url).pathname, `http://127.0.0.1:${port}`);
  return await fetch(target, { method: request.method, headers, body: request.method === "PUT" ? body : undefined });
});
