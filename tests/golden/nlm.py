"""Makes nlm.json: small results of scikit-image's denoise_nl_means (slow mode), which the twin of nlm is compared with.

scikit-image leaves a patch out once its distance passes 5; here h is so large against the differences that hardly one
does. Its exp is an approximation that is wrong by up to 4 %, which moves the means by up to 1e-3 here.

Run: python3 tests/golden/nlm.py > tests/golden/nlm.json
"""
import numpy
import skimage
from golden import Golden
from skimage.restoration import denoise_nl_means

golden = Golden(20261122, skimage)


def field(*shape):
    """A smooth field with noise of 0.05, between 0 and 1."""
    axes = numpy.meshgrid(*(numpy.arange(size) / size for size in shape), indexing="ij")
    smooth = 0.5 + 0.1 * numpy.sin(3 * axes[0]) * numpy.cos(5 * axes[-1])
    return (smooth + golden.random.normal(0, 0.05, shape))[numpy.newaxis]


inputs = {
    name: golden.input(name, field(*shape))
    for name, shape in {"image": (14, 19), "thin": (1, 23), "volume": (5, 7, 8)}.items()
}

for name, array in inputs.items():
    for patch, search, h, sigma in [(1, 2, 0.1, 0), (1, 3, 0.08, 0.03), (2, 2, 0.08, 0), (3, 5, 0.06, 0.05)]:
        result = denoise_nl_means(
            array[0], patch_size=2 * patch + 1, patch_distance=search, h=h, sigma=sigma, fast_mode=False
        )
        options = {"patchRadius": patch, "searchRadius": search, "h": h, "sigma": sigma, "patchWeights": "gauss"}
        golden.add("nlm", [name], options, result)

golden.write()
