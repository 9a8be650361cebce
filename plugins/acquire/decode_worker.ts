/**
 * The thread that decodes: files may be hostile or slow, and a thread can be ended. It reads no file itself: whatever it needs it
 * asks for. A file of its own, as `import.meta.main` is true in a Worker, too.
 */
import { InputError } from "../../engine/pipeline/mod.ts";
import type { Decoded } from "../formats/decoded.ts";
import { decode } from "../formats/detect.ts";
import { readVolume, type VolumeReport } from "../formats/dicom/volume.ts";
import type { Answer, Task } from "./decoder.ts";

const scope = self as unknown as { postMessage(message: Answer, transfer?: Transferable[]): void };

/** Files that were asked for. */
const waiting = new Map<string, (bytes: Uint8Array<ArrayBuffer> | undefined) => void>();

function ask(kind: "read" | "sibling", name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  return new Promise((resolve) => {
    waiting.set(`${kind} ${name}`, resolve);
    scope.postMessage({ type: kind, name });
  });
}

self.addEventListener("message", async (message) => {
  const task = (message as MessageEvent<Task>).data;
  if (task.type === "file") {
    const key = `${task.kind} ${task.name}`;
    waiting.get(key)?.(task.bytes);
    waiting.delete(key);
    return;
  }
  try {
    const decoded: Decoded & { readonly report?: VolumeReport } = task.type === "decode"
      ? await decode(task.bytes, task.name, { limits: task.limits, sibling: (name) => ask("sibling", name) })
      : await readVolume(task.slices, {
        limits: task.limits,
        policy: task.policy,
        name: task.name,
        read: async (path) => await ask("read", path) ?? new Uint8Array(),
      });
    scope.postMessage({ type: "decoded", decoded }, [decoded.pixels.buffer]);
  } catch (error) {
    const isInput = error instanceof InputError;
    const text = error instanceof Error ? (isInput ? error.message : error.stack ?? error.message) : String(error);
    scope.postMessage({ type: "failed", isInput, message: text });
  }
});
