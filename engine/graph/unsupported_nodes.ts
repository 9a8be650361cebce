import { UnsupportedError } from "../errors.ts";
import type { ModelNode } from "./model.ts";

/** Collects the nodes of a model that can't be run, so that all are named at once. */
export class UnsupportedNodes {
  readonly #found = new Map<string, { first: string; count: number }>();
  readonly #model: string;

  /** `model` is the file's name. */
  constructor(model: string) {
    this.#model = model;
  }

  /** Notes a node and why it can't be run. */
  add(node: ModelNode, reason: string): void {
    const key = `${node.operator} (${reason})`;
    const found = this.#found.get(key);
    if (found === undefined) this.#found.set(key, { first: node.name, count: 1 });
    else found.count++;
  }

  /** Throws an `UnsupportedError` that lists them, if there are any. */
  check(): void {
    if (this.#found.size === 0) return;
    const list = [...this.#found].map(([what, { first, count }]) => `${count} x ${what}, first at ${first}`);
    throw new UnsupportedError(
      `Cannot run ${this.#model} as it has nodes that are not supported: ${list.join("; ")}. ` +
        `Export it without them, or run it with { backend: "wasm" }`,
    );
  }
}
