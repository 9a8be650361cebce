"""Makes gabor.json: small results of scikit-image and scipy.ndimage for the twins of gabor and convolve, and Gabor kernels.

Run: python3 tests/golden/gabor.py > tests/golden/gabor.json
"""
import numpy
import scipy
import skimage
from golden import Golden
from scipy import ndimage
from skimage import filters

BORDERS = ["reflect", "mirror", "nearest", "constant", "wrap"]
golden = Golden(20261125, scipy, skimage)
shapes = {"image": (1, 7, 11), "volume": (1, 3, 4, 5), "odd": (3, 5), "even": (4, 2), "box": (3, 2, 4), "pair": (2, 2, 3)}
inputs = {name: golden.input(name, golden.random.uniform(-1, 2, shape)) for name, shape in shapes.items()}
image, volume = inputs["image"][0], inputs["volume"][0]

for border in BORDERS:
    how = {"mode": border, "cval": 0.75}
    options = {"border": border, "cval": 0.75}
    for name, array, kernels in [("image", image, ["odd", "even"]), ("volume", volume, ["box"])]:
        for kernel in kernels:
            convolved = ndimage.convolve(array, inputs[kernel], **how)
            correlated = ndimage.correlate(array, inputs[kernel], **how)
            golden.add("convolve", [name, kernel], options, convolved)
            golden.add("convolve", [name, kernel], {**options, "flip": False}, correlated)
    pair = numpy.stack([ndimage.convolve(image, kernel, **how) for kernel in inputs["pair"]])
    golden.add("convolve", ["image", "pair"], options, pair)

    for given in [
        {"frequency": 0.3, "theta": 0.5, "bandwidth": 1.2},
        {"frequency": 0.2, "theta": 2.2, "sigma_x": 1.0, "sigma_y": 1.8, "n_stds": 2, "offset": 0.7},
    ]:
        parts = filters.gabor(image, **given, **how)
        ours = {
            "frequency": given["frequency"],
            "theta": given["theta"],
            "bandwidth": given.get("bandwidth", 1),
            "nStds": given.get("n_stds", 3),
            "offset": given.get("offset", 0),
            **({"sigmaPx": [given["sigma_x"], given["sigma_y"]]} if "sigma_x" in given else {}),
            **options,
        }
        for part, response in zip(["real", "imaginary", "magnitude"], [*parts, numpy.hypot(*parts)]):
            golden.add("gabor", ["image"], {**ours, "part": part}, response)

for theta in [0, 0.4, numpy.pi / 2, 3]:
    kernel = filters.gabor_kernel(0.25, theta=theta, sigma_x=1.3, sigma_y=0.9, n_stds=2.5, offset=0.3)
    ours = {"frequency": 0.25, "theta": theta, "sigmaPx": [1.3, 0.9], "nStds": 2.5, "offset": 0.3}
    golden.add("gaborKernel", [], ours, kernel.real, kernel.imag)

golden.write()
