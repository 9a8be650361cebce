/**
 * The networks of `chain_peer.py`, in a process of their own: each request on standard input is a byte (0 segment, 1
 * classify) and the network's input as f32; the answer on standard output is its output as f32.
 */
import * as onnxruntime from "onnxruntime-node";

const models = new URL("../../models/", import.meta.url).pathname;
const networks = await Promise.all(
  [["resnet_unet_tumor", "probability"], ["vgg16_tumor", "probabilities"]].map(async ([name, output]) => {
    const contract = JSON.parse(await Deno.readTextFile(`${models}${name}/model.json`));
    const options = { intraOpNumThreads: 2, interOpNumThreads: 1, executionMode: "sequential" as const };
    const session = await onnxruntime.InferenceSession.create(`${models}${name}/${contract.file}`, options);
    const shape = [1, contract.input.channels, ...contract.input.size];
    return { session, input: contract.input.name as string, shape, output };
  }),
);

async function read(length: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const count = await Deno.stdin.read(bytes.subarray(at));
    if (count === null) return undefined;
    at += count;
  }
  return bytes;
}

for (let kind = await read(1); kind !== undefined; kind = await read(1)) {
  const { session, input, shape, output } = networks[kind[0]];
  const bytes = await read(4 * shape.reduce((all, extent) => all * extent, 1));
  if (bytes === undefined) break;
  const answer = await session.run({ [input]: new onnxruntime.Tensor("float32", new Float32Array(bytes.buffer), shape) });
  const data = answer[output].data as Float32Array;
  const left = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  for (let at = 0; at < left.length;) at += await Deno.stdout.write(left.subarray(at));
}
Deno.exit(0);
