import { assert } from "@std/assert";
import { randomNumbers, tensorOf } from "../../../shaders/cases.ts";
import { estimateSigma } from "../../../shaders/filters/estimate_sigma/estimate_sigma.ts";
import type { NoiseKind } from "../../../shaders/filters/noise_level.ts";

/** Normal numbers by Box and Muller's method. */
function normalNumbers(seed: number): () => number {
  const next = randomNumbers(seed);
  return () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

/** A head of some tissues, without noise, on `background`. */
function head(index: number, [height, width]: readonly number[], background: number): number {
  const [x, y] = [index % width / width - 0.5, Math.floor(index / width) % height / height - 0.5];
  if (Math.hypot(x / 0.9, y) > 0.4) return background;
  return 0.35 + (Math.hypot(x - 0.1, y) < 0.1 ? 0.4 : 0) + 0.3 * x + (Math.abs(x + 0.15) < 0.05 ? 0.2 : 0);
}

function estimate(
  shape: readonly number[],
  noise: NoiseKind,
  pixel: (index: number, normal: () => number) => number,
): number {
  const normal = normalNumbers(shape.length + 11);
  const image = tensorOf([1, ...shape], (index) => pixel(index, normal));
  return estimateSigma.twin([image], { noise })[0].data[0];
}

const shapes = [[120, 130], [64, 64], [12, 60, 64]];

Deno.test("Rician noise is estimated to 5 % from the background of phantoms, whatever their scale", () => {
  for (const shape of shapes) {
    for (const sigma of [0.02, 0.05, 0.1]) {
      for (const scale of [1, 3000]) {
        const found = estimate(shape, "rician", (index, normal) => {
          const signal = head(index, shape.slice(-2), 0);
          return scale * Math.hypot(signal + sigma * normal(), sigma * normal());
        });
        assert(Math.abs(found / scale / sigma - 1) < 0.05, `${shape}, ${sigma} times ${scale}: ${found}`);
      }
    }
  }
});

Deno.test("padding with zeros doesn't spoil the estimate of Rician noise", () => {
  const found = estimate([120, 200], "rician", (index, normal) => {
    const x = index % 200;
    return x < 70 ? 0 : Math.hypot(head(index, [120, 200], 0) + 0.05 * normal(), 0.05 * normal());
  });
  assert(Math.abs(found / 0.05 - 1) < 0.05, `${found}`);
});

Deno.test("without background the estimate of Rician noise is the Gaussian one, which strong signals follow", () => {
  for (const shape of shapes) {
    const found = estimate(shape, "rician", (index, normal) => {
      const signal = head(index, shape.slice(-2), 0.6);
      return Math.hypot(signal + 0.05 * normal(), 0.05 * normal());
    });
    assert(Math.abs(found / 0.05 - 1) < 0.1, `${shape}: ${found}`);
  }
});

Deno.test("Gaussian noise on tissues of little contrast is estimated to 10 %, also beside zeros", () => {
  for (const shape of shapes) {
    for (const padding of [0, 0.3]) {
      const width = shape.at(-1)!;
      const found = estimate(shape, "gaussian", (index, normal) => {
        if (index % width < padding * width) return 0;
        return 1000 + 20 * head(index, shape.slice(-2), 0) + 4 * normal();
      });
      assert(Math.abs(found / 4 - 1) < 0.1, `${shape}, ${padding}: ${found}`);
    }
  }
});
