/** The pictures of a case: of an image itself, of a volume its best slices in three planes. */
import { type Case, type HostCopy, type Labeled, type Placed, planes, slicingOf } from "../../engine/pipeline/mod.ts";
import {
  bestSlices,
  cutOf,
  type DisplayRange,
  displayRange,
  grayOf,
  labelColor,
  maskPicture,
  overlayOf,
  type Picture,
  regionsOver,
  seenCrop,
  shrunk,
  withOutline,
} from "../formats/picture/picture.ts";
import type { CaseMeasures } from "../formats/measures/measures.ts";
import { attentionPicture } from "./attention.ts";
import type { PictureName } from "./report.ts";

/** Longer side of a picture in pixels. */
const side = 256;
const truthColor: [number, number, number] = [0.2, 0.85, 0.95];

/** What the pictures are made of. */
export type PicturedCase = Case<
  "image",
  "original" | "mask" | "boxes" | "crops" | "truth" | "classes" | "classify.evidence",
  "original" | "image" | "mask" | "boxes" | "crops" | "classes" | "classify.evidence"
>;

/** An image `[1, H, W]` to look at, or one slice of a volume: values, spacing of rows and columns, what to cut of others. */
interface Shown {
  readonly image: HostCopy;
  readonly spacing: readonly number[];
  /** The same of another value on the same grid. */
  readonly of: (value: HostCopy) => HostCopy;
}

/** What was found, and what is true, on the image's grid. */
interface Masks {
  readonly mask?: Labeled<HostCopy>;
  readonly truth?: HostCopy;
}

/** Which slices of a volume are shown, by the picture: the number from 1 on, and of how many. */
export function viewsOf({ host: { image, mask } }: PicturedCase): CaseMeasures["views"] {
  if (image.tensor.shape.length < 4) return undefined;
  const size = image.tensor.shape.slice(1);
  const best = bestSlices(size, mask?.tensor);
  const shown = (axis: number) => ({ slice: best[axis] + 1, of: size[axis] });
  const views = planes.map((plane) => [plane, shown(slicingOf(image.geometry, plane).axes[0])]);
  return Object.fromEntries([["input", shown(0)], ["denoised", shown(0)], ...views]);
}

/** The pictures that can be made of a case, by name. */
export function picturesOf(given: PicturedCase): [PictureName, Picture][] {
  const { host, truth } = given;
  const range = displayRange(host.image.tensor, host.image.geometry);
  const truthMask = truth?.mask?.tensor;
  const isComparable = truthMask?.shape.join() === host.mask?.tensor.shape.join();
  const masks: Masks = { mask: host.mask, truth: isComparable ? truthMask : undefined };
  const result: [PictureName, Picture][] = [];
  if (host.image.tensor.shape.length === 4) {
    const best = bestSlices(host.image.tensor.shape.slice(1), masks.mask?.tensor);
    const own = slicingOf(host.image.geometry).plane;
    for (const plane of planes) {
      const shown = sliceShown(host.image, plane, best);
      if (plane === own) result.push(...plainPictures(given, range, shown, (value) => sliceShown(value, own, best)));
      result.push([plane, overlayPicture(shown, range, masks)]);
    }
    result.sort(([a], [b]) => Number(planes.includes(a as never)) - Number(planes.includes(b as never)));
  } else {
    const shown = imageShown(host.image);
    result.push(...plainPictures(given, range, shown, imageShown));
    if (masks.mask) result.push(["overlay", overlayPicture(shown, range, masks)]);
  }
  return [...result, ...cropPictures(given, range)];
}

function imageShown({ tensor, geometry }: Placed<HostCopy>): Shown {
  return { image: tensor, spacing: geometry.spacing, of: (value) => value };
}

function sliceShown(
  { tensor, geometry }: Placed<HostCopy>,
  plane: typeof planes[number],
  best: readonly number[],
): Shown {
  const slicing = slicingOf(geometry, plane);
  const [slice, row, column] = slicing.axes;
  const of = (value: HostCopy) => cutOf(value, slicing, best[slice]);
  return { image: of(tensor), spacing: [geometry.spacing[row], geometry.spacing[column]], of };
}

/** The input, and what it became where that is another. */
function plainPictures(
  { host }: PicturedCase,
  range: DisplayRange,
  shown: Shown,
  show: (value: Placed<HostCopy>) => Shown,
): [PictureName, Picture][] {
  const original = host.original ?? host.image;
  const gray = grayPicture(shown, range);
  if (original.tensor === host.image.tensor) return [["input", gray]];
  return [
    ["input", grayPicture(show(original), displayRange(original.tensor, original.geometry))],
    ["denoised", gray],
  ];
}

function grayPicture({ image, spacing }: Shown, range: DisplayRange): Picture {
  return shrunk(grayOf(image, range), side, spacing);
}

/** What was found, with the outline of the truth where it is known; the plain image where nothing was looked for. */
function overlayPicture(
  shown: Shown,
  range: DisplayRange,
  { mask, truth }: Masks,
): Picture {
  const gray = grayPicture(shown, range);
  const regionOf = (value: HostCopy) => shrunk(maskPicture(shown.of(value)), side, shown.spacing);
  const { labels = [], colors } = mask ?? {};
  const found = mask === undefined ? gray : labels.length < 2 ? overlayOf(gray, regionOf(mask.tensor)) : regionsOver(
    gray,
    labels.map((_, at) => ({ mask: labelPicture(shown, mask.tensor, at + 1), color: labelColor(at + 1, colors) })),
  );
  return truth === undefined ? found : withOutline(found, regionOf(truth), truthColor);
}

/** Where a mask has one label. */
function labelPicture(shown: Shown, mask: HostCopy, label: number): Picture {
  const cut = shown.of(mask);
  const data = Float64Array.from(cut.data as ArrayLike<number>, (value) => Number(value) === label ? 1 : 0);
  return shrunk(maskPicture({ ...cut, dtype: "f64", data }), side, shown.spacing);
}

/** The first crop, and where the classifier looked in it. */
function cropPictures({ host }: PicturedCase, range: DisplayRange): [PictureName, Picture][] {
  const { crops, boxes } = host;
  if (!crops || !boxes || !isFound(boxes.tensor)) return [];
  const seen = seenCrop(crops.tensor, boxes.geometry, 0);
  // The box is a square in millimeters, and so are the crop's pixels.
  const cut = shrunk(grayOf(seen, range), side, [1, 1]);
  const looked = attentionPicture(cut, host.classes, host["classify.evidence"]);
  return [["crop", cut], ...looked ? [["attention", looked] as [PictureName, Picture]] : []];
}

/** Whether the first box is not empty. */
function isFound({ data, shape }: HostCopy): boolean {
  return shape[0] > 0 && data[2] > data[0] && data[3] > data[1];
}
