/**
 * A procedural head with one lesion, in the manner of contrast-enhanced T1-weighted MRI: something to try the pipeline
 * on where no patient's images may be. Everything follows from the seed; the same seed gives the same pixels.
 *
 * Meningioma and glioma come in axial planes, the pituitary tumor in coronal ones, where the sella is seen best.
 * Lengths are in millimeters from the center of the image: x to the right, y down, z across the slices.
 */

/** The lesions that the generator knows. */
export type LesionKind = "meningioma" | "glioma" | "pituitary";

/** What to generate. */
export interface PhantomOptions {
  /** Any integer; the whole study follows from it. */
  seed: number;
  /** Number of slices, 1 or more. Default 6. */
  slices?: number;
  /** Width and height in pixels; the field of view stays 250.88 mm. Default 256. */
  size?: number;
  /** Default: meningioma, glioma and pituitary in turn, by `seed` modulo 3. */
  kind?: LesionKind;
}

/** One slice and the truth about it. */
export interface PhantomSlice {
  /** Row-major; whole numbers from 0 to 4095 in arbitrary units, so that they fit unsigned 16-bit pixels. */
  pixels: Float32Array;
  /** Row-major, 1 where the lesion is. Empty where the slice misses the lesion. */
  mask: Uint8Array;
}

/** A stack of parallel slices through one head. */
export interface PhantomStudy {
  /** From bottom to top (axial) or from back to front (coronal). */
  slices: PhantomSlice[];
  /** Pixels per row. */
  width: number;
  /** Rows. */
  height: number;
  /** Distance of slices, rows and columns in millimeters. */
  spacing: [number, number, number];
  /** The direction in which the slices are cut. */
  plane: "axial" | "coronal";
  /** The kind of the lesion. */
  kind: LesionKind;
}

/** What a point of the head is: `depth` below the skin in mm (negative in air), `signal` without bias and noise. */
interface Anatomy {
  depth(x: number, y: number, z: number): number;
  signal(x: number, y: number, z: number, depth: number): number;
}

/** `distance` in mm, negative inside; `paint` lays the lesion over the signal of the tissue below. */
interface Lesion {
  distance(x: number, y: number, z: number): number;
  paint(signal: number, distance: number, x: number, y: number, z: number): number;
}

/** Value in -1 to 1 that varies smoothly over `cell` mm. */
type Noise = (x: number, y: number, z: number, cell: number) => number;

const FIELD_OF_VIEW_MM = 256 * 0.98;
const SLICE_DISTANCE_MM = 7;
const KINDS: readonly LesionKind[] = ["meningioma", "glioma", "pituitary"];
const SKIN = 380, FAT = 860, BONE = 45, MARROW = 240, DURA = 430, FLUID = 95, GRAY = 290, WHITE = 345, VESSEL = 620;
const AIR = 6, MUSCLE = 250, MUCOSA = 560;

/** Generates the study of a seed. Throws `RangeError` where a number in `options` makes no image. */
export function phantomStudy(options: PhantomOptions): PhantomStudy {
  const { seed, slices: count = 6, size = 256 } = options;
  if (!Number.isSafeInteger(seed)) throw new RangeError(`seed must be an integer, not ${seed}`);
  if (!Number.isInteger(count) || count < 1) throw new RangeError(`slices must be an integer above 0, not ${count}`);
  if (!Number.isInteger(size) || size < 16) throw new RangeError(`size must be an integer of 16 or more, not ${size}`);
  const kind = options.kind ?? KINDS[((seed % 3) + 3) % 3];
  const random = generator(seed);
  const noise = valueNoise(random);
  const anatomy = kind === "pituitary" ? coronalHead(random, noise) : axialHead(random, noise);
  const lesion = LESIONS[kind](random, noise, anatomy);
  const scanner = scannerOf(random, noise);
  const slices: PhantomSlice[] = [];
  for (let index = 0; index < count; index++) {
    const z = (index - (count - 1) / 2) * SLICE_DISTANCE_MM;
    slices.push(recordSlice(size, z, anatomy, lesion, scanner));
  }
  const pixelMm = FIELD_OF_VIEW_MM / size;
  return {
    slices,
    width: size,
    height: size,
    spacing: [SLICE_DISTANCE_MM, pixelMm, pixelMm],
    plane: kind === "pituitary" ? "coronal" : "axial",
    kind,
  };
}

/** Numbers in 0 to 1 (Mulberry32). */
function generator(seed: number): () => number {
  let state = (seed ^ 0x9e3779b9) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function between(random: () => number, low: number, high: number): number {
  return low + (high - low) * random();
}

/** Value noise: random values on a lattice, blended smoothly. */
function valueNoise(random: () => number): Noise {
  const table = Float32Array.from({ length: 4096 }, () => random() * 2 - 1);
  const at = (i: number, j: number, k: number) => {
    const mixed = Math.imul(i, 374761393) ^ Math.imul(j, 668265263) ^ Math.imul(k, 2147483647);
    return table[(mixed ^ (mixed >>> 13)) & 4095];
  };
  const ease = (t: number) => t * t * (3 - 2 * t);
  return (x, y, z, cell) => {
    const i = Math.floor(x / cell), j = Math.floor(y / cell), k = Math.floor(z / cell);
    const u = ease(x / cell - i), v = ease(y / cell - j), w = ease(z / cell - k);
    const layer = (n: number) =>
      mix(mix(at(i, j, n), at(i + 1, j, n), u), mix(at(i, j + 1, n), at(i + 1, j + 1, n), u), v);
    return mix(layer(k), layer(k + 1), w);
  };
}

function mix(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}

/** Share of a pixel that lies on the positive side of a border `distance` mm away; `width` is half the transition. */
function inside(distance: number, width = 0.6): number {
  const t = Math.min(1, Math.max(0, (distance / width + 1) / 2));
  return t * t * (3 - 2 * t);
}

/** Distance to the segment from (ax, ay) to (bx, by). */
function toSegment(x: number, y: number, ax: number, ay: number, bx: number, by: number): number {
  const dx = bx - ax, dy = by - ay;
  const t = Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)));
  return Math.hypot(x - ax - t * dx, y - ay - t * dy);
}

/** Negative inside, about millimeters near the border. */
function toEllipse(x: number, y: number, cx: number, cy: number, rx: number, ry: number): number {
  return (Math.hypot((x - cx) / rx, (y - cy) / ry) - 1) * Math.min(rx, ry);
}

/** Scalp, fat, skull with marrow, dura and fluid, one below the other; the brain begins below `BRAIN_DEPTH`. */
function vault(depth: number, x: number, y: number, z: number, noise: Noise): number {
  const fatEnds = 5.2 + 1.8 * noise(x, y, z, 35);
  let signal = mix(AIR, SKIN, inside(depth));
  signal = mix(signal, FAT + 110 * noise(x, y, z, 6) + 120 * noise(x, y, z, 50), inside(depth - 1.5));
  signal = mix(signal, BONE, inside(depth - fatEnds));
  signal = mix(signal, MARROW * (1 + 0.5 * noise(x, y, z, 9)), inside(depth - fatEnds - 1.6) * inside(9.3 - depth));
  signal = mix(signal, DURA, inside(depth - DURA_DEPTH) * (0.6 + 0.4 * noise(x, y, z, 12)));
  return mix(signal, FLUID, inside(depth - DURA_DEPTH - 1.3));
}
const DURA_DEPTH = 10.6;
const BRAIN_DEPTH = 12.6;

/** Gray and white matter with sulci, which are deepest near the surface; some of them hold an enhancing vessel. */
function brain(depth: number, x: number, y: number, z: number, noise: Noise): number {
  const below = depth - BRAIN_DEPTH;
  const bend = 5 * noise(x, y, z, 11);
  const fold = noise(x + bend, y - bend, z * 0.7, 12);
  const sulcus = Math.abs(fold) * 9 + Math.max(0, below - 13) * 0.3 + 0.3;
  const grayMatter = inside(4.2 - Math.min(sulcus, below + 1), 1.5);
  const texture = 9 * noise(x, y, z, 4) + 12 * noise(x, y, z, 24);
  const tissue = mix(WHITE, GRAY, grayMatter) + texture;
  const vessel = inside(noise(x, y, z, 7) - 0.45, 0.15) * inside(1.6 - sulcus, 0.5);
  return mix(mix(tissue, FLUID + 40, 0.85 * inside(1.5 - sulcus, 0.8)), VESSEL, 0.7 * vessel);
}

/** A cut through the hemispheres at the height of the lateral ventricles. */
function axialHead(random: () => number, noise: Noise): Anatomy {
  const halfWidth = between(random, 74, 86), halfLength = between(random, 92, 105);
  const turn = between(random, -0.1, 0.1), cos = Math.cos(turn), sin = Math.sin(turn);
  const dx = between(random, -5, 5), dy = between(random, -5, 5);
  const widen = between(random, 0.75, 1.35);
  const depth = (x: number, y: number, z: number) => {
    const u = cos * (x - dx) - sin * (y - dy), v = sin * (x - dx) + cos * (y - dy);
    const shrink = Math.sqrt(Math.max(0.05, 1 - ((z + 12) / 88) ** 2));
    const radius = Math.max(1, Math.hypot(u, v));
    // Heads are broader behind the ears than at the forehead.
    const ratio = Math.hypot(u / (halfWidth * shrink * (1 + 0.06 * v / radius)), v / (halfLength * shrink));
    return (1 / Math.max(ratio, 1e-3) - 1) * radius + 1.5 * noise(u / radius * 60, v / radius * 60, z, 40);
  };
  const signal = (x: number, y: number, z: number, d: number) => {
    let value = vault(d, x, y, z, noise);
    if (d < BRAIN_DEPTH - 2) return value;
    const u = cos * (x - dx) - sin * (y - dy), v = sin * (x - dx) + cos * (y - dy), side = Math.abs(u);
    value = mix(value, brain(d, x, y, z, noise), inside(d - BRAIN_DEPTH));
    const nuclei = toEllipse(side, v, 21, 0, 9, 17);
    value = mix(value, GRAY, 0.7 * inside(-nuclei, 2));
    const cleft = Math.abs(u + 1.2 * noise(0, v, z, 14));
    const outer = inside(Math.abs(v) - 32, 5);
    value = mix(value, FLUID + 30, outer * inside(2 - cleft, 0.9));
    value = mix(value, DURA, 0.8 * outer * inside(0.7 - cleft, 0.6));
    const sinus = side * 1.2 + (d - DURA_DEPTH) * 0.8;
    value = mix(value, VESSEL + 60, inside(4.5 - sinus) * inside(d - DURA_DEPTH) * inside(v));
    const open = widen * Math.sqrt(Math.max(0, 1 - ((z - 2) / 27) ** 2));
    const front = toSegment(side, v, 4, -12, 11, -31) - 4 * open;
    const back = toSegment(side, v, 4, -12, 20, 28) - 3.4 * open;
    const ventricle = open > 0 ? Math.min(front, back) + noise(x, y, z, 12) : 9;
    value = mix(value, FLUID, inside(-ventricle, 0.9));
    return mix(value, VESSEL, 0.8 * inside(-1.2 - ventricle) * inside(2.2 - Math.hypot(side - 16, v - 19)));
  };
  return { depth, signal };
}

/** A cut through the sella: temporal lobes at its sides, the sphenoid sinus and the deep face below. */
function coronalHead(random: () => number, noise: Noise): Anatomy {
  const halfWidth = between(random, 72, 82), up = between(random, 98, 110), down = between(random, 125, 140);
  const dx = between(random, -4, 4), widen = between(random, 0.8, 1.4);
  const base = (side: number, x: number, z: number) =>
    16 + 22 * inside(side - 21, 9) - 0.012 * Math.max(0, side - 38) ** 2 + 2 * noise(x, 0, z, 15);
  const depth = (x: number, y: number, z: number) => {
    const u = x - dx, radius = Math.max(1, Math.hypot(u, y));
    const cheek = y > 0 ? 1 - 0.0011 * y : 1;
    const ratio = Math.hypot(u / (halfWidth * cheek), y / (y < 0 ? up : down));
    return (1 / Math.max(ratio, 1e-3) - 1) * radius + 1.5 * noise(u, y, z, 45);
  };
  const face = (d: number, u: number, y: number, z: number) => {
    const side = Math.abs(u);
    const broad = noise(side, y, z, 17), fine = noise(side, y, z, 6);
    let value = MUSCLE + 50 * fine;
    value = mix(value, FAT - 160, inside(broad - 0.3, 0.12));
    value = mix(value, BONE, inside(noise(side + 90, y, z, 13) - 0.35, 0.08));
    value = mix(value, MUCOSA, inside(fine - 0.4, 0.15) * inside(40 - side, 6));
    value = mix(value, AIR, inside(-toEllipse(side, y, 27, 66, 13 + 3 * broad, 17)));
    const nose = toEllipse(u, y, 0, 68, 15, 26);
    value = mix(value, mix(AIR, MUCOSA, inside(noise(side, y, z, 8), 0.2)), inside(-nose));
    value = mix(value, AIR, inside(-toEllipse(u, y, 0, 33, 13 + 4 * broad, 8)));
    value = mix(value, SKIN, inside(1.5 - d));
    return mix(value, FAT, inside(d - 1.5) * inside(7 - d) * 0.9) * inside(118 - y, 25);
  };
  const signal = (x: number, y: number, z: number, d: number) => {
    const u = x - dx, side = Math.abs(u), floor = base(side, x, z) - y;
    const skin = inside(d);
    if (floor < -4) return mix(AIR, face(d, u, y, z), skin);
    let value = vault(d, x, y, z, noise);
    value = mix(value, brain(Math.min(d, floor + BRAIN_DEPTH), x, y, z, noise), inside(d - BRAIN_DEPTH));
    const cleft = Math.abs(u + noise(0, y, z, 14));
    const top = inside(-38 - y, 4) * inside(d - DURA_DEPTH);
    value = mix(value, FLUID + 30, top * inside(2 - cleft, 0.9));
    value = mix(value, DURA, 0.8 * top * inside(0.7 - cleft, 0.6));
    const sylvian = toSegment(side, y, 27, 4, 60, -8 + 5 * noise(x, y, z, 10)) - 1.4;
    value = mix(value, FLUID + 30, 0.9 * inside(-sylvian, 1) * inside(d - DURA_DEPTH));
    const horns = toSegment(side, y, 3, -20, 13, -31) - 3.4 * widen + noise(x, y, z, 12);
    const third = toEllipse(u, y, 0, -6, 1.6 * widen, 9);
    value = mix(value, FLUID, inside(-Math.min(horns, third), 0.9));
    const cistern = toEllipse(u, y, 0, 9, 17, 7);
    value = mix(value, FLUID, 0.9 * inside(-cistern, 2));
    const bone = mix(DURA, BONE, inside(0.5 - floor));
    value = mix(value, bone, inside(1.6 - floor) * inside(d - 5));
    return mix(value, face(d, u, y, z), inside(-2.5 - floor) * skin);
  };
  return { depth, signal };
}

const LESIONS: Record<LesionKind, (random: () => number, noise: Noise, anatomy: Anatomy) => Lesion> = {
  meningioma: (random, noise, anatomy) => {
    const radius = between(random, 11, 21), bright = between(random, 620, 800), cz = between(random, -5, 5);
    const angle = between(random, 0, 2 * Math.PI), ux = Math.cos(angle), uy = Math.sin(angle);
    let reach = 110;
    while (reach > 0 && anatomy.depth(ux * reach, uy * reach, cz) < DURA_DEPTH + 0.72 * radius) reach--;
    const cx = ux * reach, cy = uy * reach;
    const distance = (x: number, y: number, z: number) => {
      const ball = Math.hypot(x - cx, y - cy, (z - cz) * 1.1) - radius * (1 + 0.1 * noise(x, y, z, 13));
      return Math.max(ball, DURA_DEPTH + 0.3 - anatomy.depth(x, y, z));
    };
    const paint = (signal: number, d: number, x: number, y: number, z: number) => {
      const rim = mix(signal, FLUID + 60, 0.6 * inside(1.6 - d, 1) * inside(anatomy.depth(x, y, z) - BRAIN_DEPTH));
      return mix(rim, bright + 25 * noise(x, y, z, 6) + 20 * noise(x, y, z, 15), inside(-d));
    };
    return { distance, paint };
  },
  glioma: (random, noise) => {
    const radius = between(random, 14, 24), bright = between(random, 540, 760), cz = between(random, -6, 6);
    const cx = between(random, 25, 36) * (random() < 0.5 ? -1 : 1), cy = between(random, -38, 38);
    const wall = between(random, 3, 6.5), core = between(random, 120, 200), swelling = between(random, 7, 15);
    const distance = (x: number, y: number, z: number) => {
      const lobes = 0.3 * noise(x, y, z, 17) + 0.15 * noise(x, y, z, 7);
      return Math.hypot(x - cx, y - cy, (z - cz) * 1.1) - radius * (0.95 + lobes);
    };
    const paint = (signal: number, d: number, x: number, y: number, z: number) => {
      const edema = inside(swelling * (1 + 0.8 * noise(x, y, z, 12)) - d, 3);
      const around = signal > GRAY - 90 && signal < WHITE + 70 ? mix(signal, 225, 0.75 * edema) : signal;
      const thickness = wall * (1 + 0.6 * noise(x, y, z, 9));
      const solid = mix(
        bright * (1 + 0.16 * noise(x, y, z, 5)),
        core + 30 * noise(x, y, z, 5),
        inside(-thickness - d, 1),
      );
      return mix(around, solid, inside(-d, 0.9));
    };
    return { distance, paint };
  },
  pituitary: (random, noise, anatomy) => {
    const width = between(random, 8, 13), height = between(random, 8, 13), length = between(random, 9, 14);
    const bright = between(random, 520, 690), cz = between(random, -4, 4), waist = between(random, 0, 0.25);
    // The midline is where both temples are equally far away.
    let cx = -6;
    while (cx < 6 && anatomy.depth(cx - 55, 0, cz) < anatomy.depth(cx + 55, 0, cz)) cx += 0.5;
    const cy = 17 - height;
    const distance = (x: number, y: number, z: number) => {
      const narrow = 1 - waist * Math.exp(-(((y - cy - 2) / 3) ** 2));
      const ratio = Math.hypot((x - cx) / (width * narrow), (y - cy) / height, (z - cz) / length);
      return (ratio - 1) * Math.min(width, height) + 0.8 * noise(x, y, z, 8);
    };
    const paint = (signal: number, d: number, x: number, y: number, z: number) =>
      mix(signal, bright + 30 * noise(x, y, z, 7), inside(-d));
    return { distance, paint };
  },
};

/** What the receiving side adds: a slowly varying gain and Gaussian noise in both channels of the complex signal. */
interface Scanner {
  gain(x: number, y: number, z: number): number;
  noise(): number;
}

function scannerOf(random: () => number, noise: Noise): Scanner {
  const strength = between(random, 0.08, 0.22), sigma = between(random, 6, 14), level = between(random, 0.85, 1.15);
  const tilt = between(random, -1, 1), slope = between(random, -1, 1);
  return {
    gain: (x, y, z) => level * Math.exp(strength * (tilt * x / 120 + slope * y / 120 + 0.8 * noise(x, y, z, 130))),
    noise: () => sigma * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
  };
}

function recordSlice(size: number, z: number, anatomy: Anatomy, lesion: Lesion, scanner: Scanner): PhantomSlice {
  const pixelMm = FIELD_OF_VIEW_MM / size;
  const clean = new Float32Array(size * size);
  const mask = new Uint8Array(size * size);
  const center = (size - 1) / 2;
  for (let row = 0, at = 0; row < size; row++) {
    for (let column = 0; column < size; column++, at++) {
      const x = (column - center) * pixelMm, y = (row - center) * pixelMm;
      const depth = anatomy.depth(x, y, z);
      if (depth < -2) {
        clean[at] = AIR;
        continue;
      }
      const distance = lesion.distance(x, y, z);
      const tissue = anatomy.signal(x, y, z, depth);
      clean[at] = lesion.paint(tissue, distance, x, y, z) * scanner.gain(x, y, z);
      mask[at] = distance < 0 ? 1 : 0;
    }
  }
  const pixels = new Float32Array(size * size);
  for (let at = 0; at < pixels.length; at++) {
    const magnitude = Math.hypot(clean[at] + scanner.noise(), scanner.noise());
    pixels[at] = Math.min(4095, Math.round(magnitude));
  }
  return { pixels, mask };
}
