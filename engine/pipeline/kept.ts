/** What sources keep from one run for the next, such as threads; whoever runs pipelines one after another owns it. */
export class Kept implements Disposable {
  readonly #most: number;
  readonly #idle = new Map<string, Disposable[]>();

  /** `most` things of a name wait; one more is disposed of. */
  constructor(most = 4) {
    this.#most = most;
  }

  /** Something that waits under a name, the taker's until it is given back; nothing where nothing waits. */
  take<T extends Disposable>(name: string): T | undefined {
    return this.#idle.get(name)?.pop() as T | undefined;
  }

  /** Keeps something under a name. It must be as if it were new. */
  give(name: string, thing: Disposable): void {
    const idle = this.#idle.get(name) ?? [];
    this.#idle.set(name, idle);
    if (idle.length < this.#most) idle.push(thing);
    else thing[Symbol.dispose]();
  }

  /** Disposes of all that waits. */
  [Symbol.dispose](): void {
    for (const things of this.#idle.values()) for (const thing of things.splice(0)) thing[Symbol.dispose]();
  }
}
