"""Makes wavelet.json: small results of PyWavelets and scikit-image, which the twins of dwt, idwt, wavelet and
estimateSigma are compared with.

Run: python3 tests/golden/wavelet.py > tests/golden/wavelet.json
"""
import warnings

import numpy
import pywt
from scipy.stats import norm
import skimage
from golden import Golden
from skimage.restoration import cycle_spin, denoise_wavelet, estimate_sigma

warnings.filterwarnings("ignore", message="Level value")
DETAILS = {2: ["da", "ad", "dd"], 3: ["aad", "ada", "add", "daa", "dad", "dda", "ddd"]}
golden = Golden(20261126, pywt, skimage)


def rounded(array):
    """Values of few digits, which f32 holds exactly."""
    return numpy.round(numpy.asarray(array) * 128) / 128


inputs = {
    name: golden.input(name, rounded(golden.random.uniform(-1, 2, shape)))
    for name, shape in {"image": (1, 9, 11), "even": (1, 6, 8), "thin": (1, 1, 7), "volume": (1, 3, 4, 5)}.items()
}

for border in ["symmetric", "periodization"]:
    for name, wavelet, levels in [
        ("image", "db2", 2), ("image", "sym5", 1), ("image", "bior2.4", 1), ("even", "coif1", 1), ("even", "bior5.5", 1),
        ("thin", "db1", 1), ("thin", "db4", 2), ("volume", "db2", 1), ("volume", "bior1.3", 1),
    ]:
        x = inputs[name][0]
        coefficients = pywt.wavedecn(x, wavelet, mode=border, level=levels)
        parts = [coefficients[0]] + [level[key] for level in coefficients[1:] for key in DETAILS[x.ndim]]
        options = {"wavelet": wavelet, "border": border}
        golden.add("dwt", [name], {**options, "levels": levels}, *parts)
        if (name, wavelet) in [("image", "db2"), ("even", "bior5.5"), ("volume", "db2")]:
            names = [f"{name} {wavelet} {border} {index}" for index in range(len(parts))]
            noise = [rounded(part + golden.random.uniform(-1, 1, part.shape)) for part in parts]
            stored = [golden.input(key, part[numpy.newaxis])[0] for key, part in zip(names, noise)]
            size = len(DETAILS[x.ndim])
            levels_of = [dict(zip(DETAILS[x.ndim], stored[at:at + size])) for at in range(1, len(stored), size)]
            golden.add("idwt", names, options, pywt.waverecn([stored[0], *levels_of], wavelet, mode=border))

ramp = numpy.add.outer(numpy.linspace(0, 1, 15), numpy.linspace(0, 0.5, 18))
step = (numpy.arange(18) > 8) * 0.7
noisy = golden.input("noisy", rounded(ramp + step + golden.random.normal(0, 0.1, ramp.shape))[numpy.newaxis])
block = numpy.linspace(0, 1, 8)[:, None, None] * numpy.ones((8, 9, 7)) + golden.random.normal(0, 0.1, (8, 9, 7))
volume = golden.input("noisy volume", rounded(block)[numpy.newaxis])

for method in ["VisuShrink", "BayesShrink"]:
    for threshold in ["soft", "hard"]:
        options = {"wavelet": "db2", "levels": 2, "method": method, "threshold": threshold, "sigma": 0.125}
        how = {"sigma": 0.125, "wavelet": "db2", "wavelet_levels": 2, "method": method, "mode": threshold}
        golden.add("wavelet", ["noisy"], options, denoise_wavelet(noisy[0], **how))
golden.add("wavelet", ["noisy"], {"wavelet": "sym4"}, denoise_wavelet(noisy[0], wavelet="sym4"))
# scikit-image counts coefficients of 1e-17, which are rounding of sums that are 0 of numbers of few digits.
finest = numpy.abs(pywt.dwtn(noisy[0], "db1")["dd"])
level = numpy.median(finest[finest > 1e-12]) / norm.ppf(0.75)
golden.add("wavelet", ["noisy"], {"wavelet": "db1"}, denoise_wavelet(noisy[0], sigma=level, wavelet="db1"))
golden.add("wavelet", ["noisy volume"], {"levels": 1}, denoise_wavelet(volume[0], wavelet="db2", wavelet_levels=1))
golden.add(
    "wavelet", ["noisy"], {"levels": 1, "cycleSpin": 1, "sigma": 0.125},
    cycle_spin(noisy[0], denoise_wavelet, 1, func_kw={"sigma": 0.125, "wavelet": "db2", "wavelet_levels": 1}, num_workers=1),
)
# On images without padding: coefficients beside it don't count here, which scikit-image takes in.
for name, array in [("noisy", noisy), ("noisy volume", volume), ("image", inputs["image"])]:
    golden.add("estimateSigma", [name], {}, [estimate_sigma(array[0])])

golden.write()
