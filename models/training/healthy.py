"""Heads without a tumor, as 256x256 images like those of `brain_tumor_t1c`.

Two sources: whole heads (see `HEADS`; those of `held` are for measuring), and healthy halves of training slices: where
head and tumor lie on one side of the midline, the other side is mirrored over it. `doubled` mirrors the tumor's side as
well, so that symmetry tells nothing.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from scipy import ndimage
from torch.nn import functional as F

import augment
import data

NONE = data.CLASSES.index("none")
TEST_DATA = data.DATA.parent
DEBIAN = Path("/usr/share/mricron/templates"), Path("/usr/lib/python3/dist-packages")
PIXEL_MM = 0.98
SIZE = 256

DCM2NIIX = TEST_DATA / "expected/dcm2niix"

# part, name, license, file, distance of the slices in mm, planes, share of a slice that must be head
HEADS = (
    ("train", "ch2 (Colin 27, T1), mricron-data", "BSD-3-Clause", DEBIAN[0] / "ch2.nii.gz", 3, "asc", 0.15),
    ("train", "T1 head of brainchop", "BSD-2-Clause", TEST_DATA / "trained_onnx/t1_crop.nii.gz", 3, "asc", 0.12),
    ("train", "anatomical.nii (T1, 2 mm), nibabel", "MIT", DEBIAN[1] / "nibabel/tests/data/anatomical.nii", 4, "asc", 0.08),
    ("train", "example4d (EPI), nibabel", "MIT", DEBIAN[1] / "nibabel/tests/data/example4d.nii.gz", 4.4, "a", 0.12),
    ("train", "S0 (EPI), dipy", "BSD-3-Clause", DEBIAN[1] / "dipy/data/files/S0_10slices.nii.gz", 53, "a", 0.12),
    ("train", "Canon DTI b0, dcm_qa_canon", "BSD-2-Clause", DCM2NIIX / "canon_dti_b0/canon_dti_b0.nii.gz", 6, "a", 0.12),
    ("held", "T1 sagittal, dcm_qa_decubitus", "BSD-2-Clause", DCM2NIIX / "HFS_t1_sag/HFS_t1_sag.nii.gz", 4.8, "s", 0.1),
    ("held", "T1 coronal slice, dipy", "BSD-3-Clause", DEBIAN[1] / "dipy/data/files/t1_coronal_slice.npy", 0, "", 0.1),
)


@dataclass
class Head:
    name: str
    images: torch.Tensor


def scaled(image):
    """As the data set is: 0 stays 0, the 99.9th percentile at 255."""
    bright = np.percentile(image, 99.9)
    return np.clip(image / max(bright, 1e-6) * 255, 0, 255).astype(np.float32)


def framed(image, spacing):
    """[H,W] with spacing [y,x] in mm to 256x256 at PIXEL_MM, about the center."""
    zoomed = ndimage.zoom(image, [s / PIXEL_MM for s in spacing], order=1)
    result = np.zeros((SIZE, SIZE), np.float32)
    take = [slice(max(0, (n - SIZE) // 2), max(0, (n - SIZE) // 2) + min(n, SIZE)) for n in zoomed.shape]
    put = [slice(max(0, (SIZE - n) // 2), max(0, (SIZE - n) // 2) + min(n, SIZE)) for n in zoomed.shape]
    result[put[0], put[1]] = zoomed[take[0], take[1]]
    return result


def slices_of(file, distance, planes, share):
    """Upright slices of a volume: sagittal and coronal with the crown up, axial with the nose up."""
    if file.suffix == ".npy":
        return [scaled(np.load(file).astype(np.float32))]
    import nibabel

    volume = nibabel.as_closest_canonical(nibabel.load(str(file)))
    values = np.asarray(volume.dataobj, np.float32)
    values = values.reshape(*values.shape[:3], -1)[..., 0].clip(min=0)
    bright = np.percentile(values[::2, ::2, ::2] if values.size > 1e6 else values, 99.9)
    values[values < 0.03 * bright] = 0
    mm = [float(z) for z in volume.header.get_zooms()[:3]]
    result = []
    for plane in planes:
        axis = "sca".index(plane)
        others = [k for k in range(3) if k != axis]
        step = max(1, round(distance / mm[axis]))
        for at in range(step // 2, values.shape[axis], step):
            image = np.take(values, at, axis).T[::-1]
            image = framed(image, [mm[others[1]], mm[others[0]]])
            if (image > 0.1 * bright).mean() >= share:
                result.append(scaled(image))
    return result


def heads(part):
    """The heads of `train` or `held`; a file that is missing is said and left out."""
    found = []
    for own, name, _license, file, distance, planes, share in HEADS:
        if own != part:
            continue
        if not file.exists():
            print(f"{name}: no {file}")
            continue
        found.append(Head(name, torch.from_numpy(np.stack(slices_of(file, distance, planes, share)))))
    return found


def middles(images, reach=16):
    """Of [N,256,256]: how well each slice agrees with its mirror image, and the column (or half) of the midline."""
    soft = F.avg_pool2d(F.avg_pool2d(images[:, None], 2), 5, 1, 2)[:, 0]
    best, middle = torch.full((len(images),), -1.0), torch.zeros(len(images))
    for shift in range(-reach // 2, reach // 2 + 1):
        moved = soft.flip(2).roll(shift, 2)
        a, b = (values.flatten(1) - values.flatten(1).mean(1, keepdim=True) for values in (soft, moved))
        r = (a * b).sum(1) / (a.norm(dim=1) * b.norm(dim=1)).clamp(min=1e-6)
        better = r > best
        best[better], middle[better] = r[better], (SIZE - 1 + 2 * shift) / 2
    return best, middle


def refined(image, middle):
    """The midline to half a column: by the full resolution within 2 columns."""
    soft = ndimage.gaussian_filter(image[::2], (1, 2))
    center = round(2 * middle) - (SIZE - 1)

    def agreement(shift):
        return np.corrcoef(soft.ravel(), np.roll(soft[:, ::-1], shift, 1).ravel())[0, 1]

    return (SIZE - 1 + max(range(center - 2, center + 3), key=agreement)) / 2


def halves(slices, correlation=0.935):
    """Two sets from slices that are symmetric but for a tumor on one side: healthy sides doubled, and tumor sides."""
    healthy, doubled, masks, labels, own = [], [], [], [], []
    agreements, columns_of = middles(slices.images)
    for image, mask, label, series, agreement, middle in zip(
        slices.images.numpy(), slices.masks.numpy(), slices.labels, slices.series, agreements, columns_of.tolist()
    ):
        columns = np.nonzero(mask.any(0))[0]
        if agreement < correlation or not len(columns):
            continue
        middle = refined(image, middle)
        if columns[0] - 2 <= middle <= columns[-1] + 2:
            continue
        on_left = columns[-1] < middle
        healthy.append(mirrored(image, middle, keep_left=not on_left))
        doubled.append(mirrored(image, middle, keep_left=on_left))
        masks.append(mirrored(mask, middle, keep_left=on_left))
        labels.append(label)
        own.append(series)
    count = len(healthy)
    healthy, doubled, masks = (torch.from_numpy(np.stack(images)).float() for images in (healthy, doubled, masks))
    return (
        data.Slices(healthy, torch.zeros(count, SIZE, SIZE), torch.full((count,), NONE), tuple(own)),
        data.Slices(doubled, masks, torch.stack(labels), tuple(own)),
    )


def mirrored(image, middle, keep_left):
    """One side of the column `middle` (a whole or half number) and its mirror image."""
    columns = np.arange(SIZE)
    other = np.round(2 * middle - columns).astype(int)
    foreign = columns > middle if keep_left else columns < middle
    result = image.copy()
    inside = foreign & (other >= 0) & (other < SIZE)
    result[:, foreign] = 0
    result[:, inside] = image[:, other[inside]]
    return result


def zoomed(images, factor):
    """About the center."""
    side = round(SIZE / factor)
    start = (SIZE - side) // 2
    cut = images[:, None, start:start + side, start:start + side]
    return F.interpolate(cut, (SIZE, SIZE), mode="bilinear", align_corners=False)[:, 0]


def whole_heads(part, zooms=(1.0, 1.2)):
    """All slices of the heads of a part, at several sizes, as slices without a tumor."""
    images = torch.cat([zoomed(head.images, zoom) for head in heads(part) for zoom in zooms])
    return data.Slices(images, torch.zeros_like(images), torch.full((len(images),), NONE))


def contact_sheet(images, path, columns=12):
    rows = -(-len(images) // columns)
    sheet = np.zeros((rows * 128, columns * 128), np.uint8)
    for k, image in enumerate(images):
        y, x = divmod(k, columns)
        sheet[y * 128:(y + 1) * 128, x * 128:(x + 1) * 128] = np.asarray(image)[::2, ::2]
    Image.fromarray(sheet).save(path)


def pictures(folder):
    """The slices of the DICOM files in a folder (or of one file), each fitted into 256x256 at the larger side."""
    import pydicom

    found = []
    for file in sorted(folder.iterdir()) if folder.is_dir() else [folder]:
        dataset = pydicom.dcmread(str(file))
        image = dataset.pixel_array.astype(np.float32)
        if dataset.PhotometricInterpretation == "MONOCHROME1":
            image = image.max() - image
        found.append(scaled(framed(image - image.min(), [SIZE * PIXEL_MM / max(image.shape)] * 2)))
    return torch.from_numpy(np.stack(found))


def foreign(phantoms):
    """Images of other kinds, to see what a network calls unfamiliar; `phantoms` is what `phantoms.ts` wrote."""

    def volume(file, distance, share=0.1):
        return torch.from_numpy(np.stack(slices_of(DCM2NIIX / file, distance, "a", share)))

    dicom = TEST_DATA / "dicom"
    photo = np.load(TEST_DATA / "expected/filters/inputs/photo.npy")
    hold, made = data.load("hold").images[::5], data.load_phantoms(phantoms).images[::20]
    torch.manual_seed(1)
    kinds = []
    for name, images in (("T1 with contrast", hold), ("phantoms", made)):
        # Cerebrospinal fluid bright, fat dark, as T2 weighting has it; the noise around the head gets bright as well.
        kinds += [
            Head(f"{name} inverted (like T2)", torch.where(images > 5, 260 - images, images)),
            Head(f"{name} of another curve", augment.other_contrast(images[:, None])[:, 0] * 255),
        ]
    return [
        Head("CT of a head", volume("ge_ct_tilt/ge_ct_tilt_Tilt_Eq_1.nii.gz", 5)),
        Head("CT of a chest", pictures(dicom / "cornerstone3D/CTImage.dcm_BigEndianExplicitTransferSyntax_1.2.840.10008.1.2.2.dcm")),
        Head("X-ray of an animal's chest", pictures(dicom / "highdicom/dx_image.dcm")),
        Head("MR EPI of a test object (Philips)", volume("philips_oblique/philips_oblique.nii.gz", 8)),
        Head("MR field map of a test object (Philips)", volume("enh_philips_fmap/enh_philips_fmap_e1.nii.gz", 8, 0.12)),
        Head("MR EPI of a test object (Siemens)", volume("enh_siemens_xa10/enh_siemens_xa10.nii.gz", 8)),
        Head("MR diffusion, mosaic of a head (UIH)", pictures(dicom / "dcm_qa_uih/In/DTI_132225/dti_tra_dir16_PA_rot_SaveBySlc__134057")),
        Head("MR of a belly", pictures(dicom / "pydicom/examples_overlay.dcm")),
        Head("photographs", torch.from_numpy(np.stack([scaled(np.rot90(photo, k).astype(np.float32)) for k in range(4)]))),
        *kinds,
    ]


def main():
    """Contact sheets to look at, and for `evaluate.ts` the heads that are held back, and images of other kinds.

        python3 healthy.py OUT PHANTOMS
    """
    out, phantoms = Path(sys.argv[1]), Path(sys.argv[2])
    for part, found in (("held", heads("held")), ("foreign", foreign(phantoms))):
        (out / part).mkdir(parents=True, exist_ok=True)
        for head in found:
            name = "".join(c if c.isalnum() else "_" for c in head.name)
            for k, image in enumerate(head.images.numpy()):
                Image.fromarray(image.round().astype(np.uint8)).save(out / part / f"{name}-{k}.png")
    for part in ("train", "held"):
        for k, head in enumerate(heads(part)):
            print(part, head.name, len(head.images))
            contact_sheet(head.images[:: max(1, len(head.images) // 48)], out / f"{part}{k}.png")
    for name, slices in zip(("healthy", "doubled"), halves(data.load("train"))):
        print(name, len(slices))
        contact_sheet(slices.images[::4], out / f"{name}.png")


if __name__ == "__main__":
    main()
