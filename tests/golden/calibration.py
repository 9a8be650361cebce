"""Makes calibration.json: masked images and losses of skimage.restoration.calibrate_denoiser, which the twins of maskPixels
and maskedError are compared with. The image that the denoiser was given is what maskPixels must make.

Run: python3 tests/golden/calibration.py > tests/golden/calibration.json
"""
import skimage
from golden import Golden
from scipy import ndimage
from skimage.restoration import calibrate_denoiser

golden = Golden(20261125, skimage)
images = {
    name: golden.input(name, golden.random.uniform(-1, 1, shape))
    for name, shape in {"image": (1, 11, 14), "volume": (1, 5, 7, 8)}.items()
}
for name, image in images.items():
    for stride in [3, 4]:
        seen = []

        def denoise(noisy, sigma):
            """Keeps what it was given and what it made of it."""
            result = ndimage.gaussian_filter(noisy, sigma)
            seen.append((noisy.copy(), result))
            return result

        grid = {"sigma": [0.5, 1.0]}
        _, (_, losses) = calibrate_denoiser(image[0], denoise, grid, stride=stride, extra_output=True)
        golden.add("maskPixels", [name], {"stride": stride}, seen[0][0])
        for (_, denoised), loss, sigma in zip(seen, losses, grid["sigma"]):
            made = f"{name}_{stride}_{sigma}"
            golden.input(made, denoised[None])
            golden.add("maskedError", [made, name], {"stride": stride}, loss)

golden.write()
