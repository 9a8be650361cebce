/** Work that begins when this thread has other work for a while: the device is at it beside the thread. */
export class LaterWork {
  readonly #begins: (() => void)[] = [];

  /** Adds work; `refuse` is told where it can't begin. */
  add(begin: () => void, refuse: (error: Error) => void): void {
    this.#begins.push(() => {
      try {
        begin();
      } catch (error) {
        refuse(error as Error);
      }
    });
  }

  /** Takes out what was added first. */
  next(): (() => void) | undefined {
    return this.#begins.shift();
  }

  /** Begins all of it. */
  beginAll(): void {
    for (let begin = this.next(); begin !== undefined; begin = this.next()) begin();
  }
}
