/** Places at a device that several jobs share. */
export class Places {
  /** How many there are. */
  readonly all: number;
  #free: number;
  readonly #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  /** As many as `all`. */
  constructor(all: number) {
    this.all = this.#free = all;
  }

  /** Takes some, in the order of asking, and gives them back when the work is over. */
  async hold<T>(count: number, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((resolve) => {
      this.#waiting.push({ count, resolve });
      this.#next();
    });
    try {
      return await work();
    } finally {
      this.#free += count;
      this.#next();
    }
  }

  #next(): void {
    for (let first = this.#waiting[0]; first !== undefined && first.count <= this.#free; first = this.#waiting[0]) {
      this.#waiting.shift();
      this.#free -= first.count;
      first.resolve();
    }
  }
}
