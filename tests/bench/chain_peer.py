#!/usr/bin/python3
"""Times the chain of the row `chain` written with OpenCV, with its networks on onnxruntime-node in a process of its own,
joined by pipes, and prints one JSON line.

  chain_peer.py --work chain --size 100 --repeat 3
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

parser = argparse.ArgumentParser()
parser.add_argument("--work", choices=["chain"], required=True)
parser.add_argument("--size", type=int, default=100)
parser.add_argument("--repeat", type=int, default=3)
options = parser.parse_args()
here = pathlib.Path(__file__).resolve().parent
data = pathlib.Path(os.environ.get("TEST_DATA", here / "../../../shared/data"))
try:
    import cv2
    import numpy
except ImportError as error:
    print(json.dumps({"work": options.work, "missing": str(error)}))
    sys.exit(3)
cv2.setNumThreads(2)
images = sorted((data / "brain_tumor_t1c/images").glob("*.png"))[: options.size]
models = here / "../../models"
segmentation = json.loads((models / "resnet_unet_tumor/model.json").read_text())
classification = json.loads((models / "vgg16_tumor/model.json").read_text())
networks = subprocess.Popen(
    [os.environ.get("DENO", "deno"), "run", "-A", "--config", here / "deno.json", here / "chain_onnxruntime.ts"],
    stdin=subprocess.PIPE,
    stdout=subprocess.PIPE,
    stderr=subprocess.DEVNULL,
)


def answer(kind, values, count):
    networks.stdin.write(bytes([kind]) + numpy.ascontiguousarray(values, numpy.float32).tobytes())
    networks.stdin.flush()
    read = networks.stdout.read(4 * count)
    if len(read) < 4 * count:
        raise OSError("onnxruntime could not be started: run it once with network")
    return numpy.frombuffer(read, numpy.float32)


def standardized(image, foreground):
    counted = image[image > foreground * image.max()]
    return (image - counted.mean()) / (counted.std() or 1)


def display(image):
    low, high = numpy.percentile(image, [0.5, 99.5])
    return (numpy.clip((image - low) / (high - low or 1), 0, 1) * 255).round().astype(numpy.uint8)


def case(path, folder):
    folder.mkdir()
    image = cv2.GaussianBlur(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE).astype(numpy.float32), (0, 0), 0.4)
    height, width = image.shape
    side = segmentation["input"]["size"]
    seen = standardized(cv2.resize(image, side[::-1], interpolation=cv2.INTER_AREA), segmentation["normalization"]["foreground"])
    maps = answer(0, seen, side[0] * side[1]).reshape(side)
    mask = (cv2.resize(maps, (width, height), interpolation=cv2.INTER_LINEAR) > segmentation["output"]["threshold"]).astype(numpy.uint8)
    count, labels, found, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    gray = display(image)
    cv2.imwrite(str(folder / "image.png"), gray)
    result = {"class": "none"}
    if count > 1:
        largest = 1 + int(numpy.argmax(found[1:, cv2.CC_STAT_AREA]))
        mask = (labels == largest).astype(numpy.uint8)
        x, y, w, h = found[largest, :4]
        crop = classification["input"]["crop"]
        length = max(crop["margin"] * max(w, h), crop["minSidePx"])
        sampled, size = crop["sampledAt"], classification["input"]["size"]
        step = length / sampled[0]
        first = [x + w / 2 - length / 2 + step / 2 - 0.5, y + h / 2 - length / 2 + step / 2 - 0.5]
        way = numpy.float32([[step, 0, first[0]], [0, step, first[1]]])
        cut = cv2.warpAffine(
            standardized(image, classification["normalization"]["foreground"]),
            way, sampled[::-1], flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        )
        shares = answer(1, cv2.resize(cut, size[::-1], interpolation=cv2.INTER_AREA), len(classification["classes"]))
        result = {"class": classification["classes"][int(numpy.argmax(shares))], "shares": shares.tolist()}
        shown = cv2.warpAffine(gray, way, sampled[::-1], flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
        cv2.imwrite(str(folder / "crop.png"), shown)
    cv2.imwrite(str(folder / "mask.png"), mask * 255)
    overlay = cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR)
    overlay[mask > 0] = (0.55 * overlay[mask > 0] + [18, 23, 115]).astype(numpy.uint8)
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(overlay, contours, -1, (51, 69, 255), 1)
    cv2.imwrite(str(folder / "overlay.png"), overlay)
    (folder / "case.json").write_text(json.dumps({**result, "pixels": int(mask.sum())}))


def chain(paths):
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        for path in paths:
            case(path, pathlib.Path(folder) / path.stem)
        return time.perf_counter() - begin


try:
    # The row repeats the program: one run of all behind a short one is enough.
    chain(images[:3])
    seconds = chain(images)
except OSError as error:
    print(json.dumps({"work": options.work, "missing": str(error)}))
    sys.exit(3)
networks.stdin.close()
print(json.dumps({"work": options.work, "median_s": seconds}))
