/**
 * Times a device. GPUs tell by their timestamps. Software drivers run everything in turn and block the map until they are
 * done, so that the host's clock tells; lavapipe's timestamps miss the work once a texture was copied.
 */
export class DeviceClock {
  /** Where a run writes when it begins and ends, on a GPU. */
  readonly stamps: GPUQuerySet | undefined;
  readonly #device: GPUDevice;
  readonly #resolved: GPUBuffer;
  readonly #staging: GPUBuffer;

  constructor(device: GPUDevice, hasTimestamps: boolean) {
    this.#device = device;
    this.stamps = hasTimestamps ? device.createQuerySet({ type: "timestamp", count: 2 }) : undefined;
    const usage = GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC;
    this.#resolved = device.createBuffer({ size: 16, usage });
    this.#staging = device.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  }

  /** Waits for the run submitted at a time of the host's clock and gives its milliseconds. */
  async read(submittedAt: number): Promise<number> {
    const encoder = this.#device.createCommandEncoder();
    if (this.stamps) encoder.resolveQuerySet(this.stamps, 0, 2, this.#resolved, 0);
    encoder.copyBufferToBuffer(this.#resolved, 0, this.#staging, 0, 16);
    this.#device.queue.submit([encoder.finish()]);
    const mapped = this.#staging.mapAsync(GPUMapMode.READ);
    const blocked = performance.now() - submittedAt;
    await mapped;
    const [begin, end] = new BigUint64Array(this.#staging.getMappedRange());
    return this.stamps ? Number(end - begin) / 1e6 : blocked;
  }

  /** Gives its buffers back. */
  close(): void {
    this.stamps?.destroy();
    this.#resolved.destroy();
    this.#staging.destroy();
  }
}
