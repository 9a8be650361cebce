"""Makes filters.json: small results of scipy.ndimage, which the twins of the filters are compared with.

Run: python3 tests/golden/filters.py > tests/golden/filters.json
"""
import json
import sys

import numpy
import scipy
from scipy import ndimage

SEED = 20261122
BORDERS = ["reflect", "mirror", "nearest", "constant", "wrap"]
random = numpy.random.default_rng(SEED)
inputs = {
    name: random.uniform(-1, 2, shape).astype(numpy.float32)
    for name, shape in {"image": (7, 11), "thin": (1, 7), "volume": (3, 4, 5)}.items()
}

cases = []


def add(filter, name, options, border, result):
    cases.append({
        "filter": filter,
        "input": name,
        "options": {**options, "border": border, "cval": 0.75},
        "expected": [float(value) for value in numpy.asarray(result, numpy.float64).ravel()],
    })


for border in BORDERS:
    for name, array in inputs.items():
        x = array.astype(numpy.float64)
        how = {"mode": border, "cval": 0.75}
        for radius in [1, 2, 8]:
            add("mean", name, {"radius": radius}, border, ndimage.uniform_filter(x, 2 * radius + 1, **how))
        for radius in [1, 2]:
            add("median", name, {"radius": radius}, border, ndimage.median_filter(x, 2 * radius + 1, **how))
        for sigma, truncate, order in [(1, 4, 0), (3, 2.5, 0), (1.5, 4, 1), (1.5, 4, 2)]:
            result = ndimage.gaussian_filter(x, sigma, order=order, truncate=truncate, **how)
            add("gaussian", name, {"sigmaPx": sigma, "truncate": truncate, "order": order}, border, result)

json.dump({
    "versions": {"python": sys.version.split()[0], "numpy": numpy.__version__, "scipy": scipy.__version__},
    "seed": SEED,
    "inputs": {name: {"shape": list(x.shape), "data": [float(value) for value in x.ravel()]} for name, x in inputs.items()},
    "cases": [{**case, "expected": [float(f"{value:.9g}") for value in case["expected"]]} for case in cases],
}, sys.stdout, separators=(",", ":"))
