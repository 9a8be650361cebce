/** Servers on loopback: Debian's, as `install.sh` unpacked them, and a bucket from npm. */
import type { Bucket } from "../../engine/service/s3_payloads.ts";

const cache = Deno.env.get("XDG_CACHE_HOME") || `${Deno.env.get("HOME")}/.cache`;
const folder = `${cache}/isocenter/servers`;

/** Whether a file is there. */
async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(({ isFile }) => isFile, () => false);
}

/** Whether `install.sh` was run. */
export const hasServers: boolean = await isThere(`${folder}/usr/sbin/Orthanc`);

/** A port that nobody listens to. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** A process that is killed when it is disposed of. */
export class Server implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;

  constructor(child: Deno.ChildProcess) {
    this.#child = child;
  }

  static start(command: string, args: string[], env: Record<string, string> = {}): Server {
    return new Server(new Deno.Command(command, { args, env, stdout: "null", stderr: "null" }).spawn());
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#child.status;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}

/** Starts Orthanc with its DICOMweb plugin on a folder of its own; gives the root of DICOMweb. */
export async function startOrthanc(storage: string): Promise<{ server: Server; url: string }> {
  const port = freePort();
  const settings = {
    StorageDirectory: storage,
    IndexDirectory: storage,
    HttpPort: port,
    RemoteAccessAllowed: false,
    AuthenticationEnabled: false,
    DicomServerEnabled: false,
    Plugins: [`${folder}/usr/share/orthanc/plugins/libOrthancDicomWeb.so`],
    DicomWeb: { Enable: true, Root: "/dicom-web/" },
  };
  await Deno.writeTextFile(`${storage}/orthanc.json`, JSON.stringify(settings));
  const env = { LD_LIBRARY_PATH: `${folder}/usr/lib/x86_64-linux-gnu` };
  const server = Server.start(`${folder}/usr/sbin/Orthanc`, [`${storage}/orthanc.json`], env);
  const url = `http://127.0.0.1:${port}/dicom-web`;
  for (let tries = 0; tries < 100; tries++) {
    const answer = await fetch(`${url}/studies`).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.ok) return { server, url };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await server.kill();
  throw new Error("Orthanc does not answer");
}

/** Starts an S3-compatible store that proves signatures; gives its bucket. */
export async function startBucket(storage: string): Promise<{ server: Server; bucket: Bucket }> {
  const key = { accessKeyId: "AKIATEST", secretAccessKey: "a/secret+of=its own", region: "eu-central-1" };
  const peer = new URL("../peers/bucket/", import.meta.url).pathname;
  const args = ["run", "--frozen", "-A", "--config", `${peer}deno.json`, `${peer}serve_bucket.ts`];
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args, storage, key.region, key.accessKeyId, key.secretAccessKey],
    stdout: "piped",
  }).spawn();
  const { value: port = "" } = await child.stdout.pipeThrough(new TextDecoderStream()).getReader().read();
  return { server: new Server(child), bucket: { url: `http://127.0.0.1:${port.trim()}/isocenter/tests`, ...key } };
}

/** Starts nats-server with JetStream's store in a folder. */
export async function startNats(storage: string, port: number): Promise<Server> {
  const args = ["-js", "-a", "127.0.0.1", "-p", String(port), "-sd", storage];
  const server = Server.start(`${folder}/usr/sbin/nats-server`, args);
  for (let tries = 0; tries < 100; tries++) {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port }).catch(() => undefined);
    connection?.close();
    if (connection !== undefined) return server;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await server.kill();
  throw new Error("nats-server does not answer");
}
