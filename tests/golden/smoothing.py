"""Makes smoothing.json: small results of scipy.ndimage, which the twins of mean, gaussian and median are compared with.

Run: python3 tests/golden/smoothing.py > tests/golden/smoothing.json
"""
import scipy
from golden import Golden
from scipy import ndimage

BORDERS = ["reflect", "mirror", "nearest", "constant", "wrap"]
golden = Golden(20261122, scipy)
inputs = {
    name: golden.input(name, golden.random.uniform(-1, 2, shape))
    for name, shape in {"image": (1, 7, 11), "thin": (1, 1, 7), "volume": (1, 3, 4, 5)}.items()
}

for border in BORDERS:
    how = {"mode": border, "cval": 0.75}
    options = {"border": border, "cval": 0.75}
    for name, array in inputs.items():
        x = array[0]
        for radius in [1, 2, 8]:
            golden.add("mean", [name], {"radius": radius, **options}, ndimage.uniform_filter(x, 2 * radius + 1, **how))
        for radius in [1, 2]:
            golden.add("median", [name], {"radius": radius, **options}, ndimage.median_filter(x, 2 * radius + 1, **how))
        for sigma, truncate, order in [(1, 4, 0), (3, 2.5, 0), (1.5, 4, 1), (1.5, 4, 2)]:
            result = ndimage.gaussian_filter(x, sigma, order=order, truncate=truncate, **how)
            golden.add("gaussian", [name], {"sigmaPx": sigma, "truncate": truncate, "order": order, **options}, result)

golden.write()
