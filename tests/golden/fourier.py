"""Makes fourier.json: small results of numpy.fft and scikit-image, which the twins of the transforms, of deconvolution and of the
bank of Gabor filters are compared with. The bank is computed here from its definition with numpy.fft.

Run: python3 tests/golden/fourier.py > tests/golden/fourier.json
"""
import numpy
import skimage
from golden import Golden
from skimage import restoration

golden = Golden(20261125, skimage)


def uniform(name, *shape):
    """A named input of seeded values."""
    return golden.input(name, golden.random.uniform(-1, 1, shape))


def parts(array):
    """Real parts, then imaginary parts."""
    return numpy.stack([array.real, array.imag])


def bell(name, shape, sigma):
    """A named Gaussian point spread function."""
    axes = [numpy.arange(count) - count // 2 for count in shape]
    squares = sum(numpy.square(grid) for grid in numpy.meshgrid(*axes, indexing="ij"))
    weights = numpy.exp(-squares / (2 * sigma**2))
    return golden.input(name, weights / weights.sum())


def bank(image, sigma, strength):
    """Denoising by a bank of Gabor filters, circular."""
    grid = numpy.meshgrid(*[numpy.fft.fftfreq(count) for count in image.shape], indexing="ij")

    def bump(center, width):
        return numpy.exp(-sum((w - c) ** 2 for w, c in zip(grid, center)) / (2 * width**2))

    def shrink(response, gain):
        threshold = strength * sigma * numpy.sqrt(numpy.mean(gain**2))
        return response * numpy.maximum(0, 1 - (threshold / numpy.maximum(numpy.abs(response), 1e-12)) ** 2)

    mean = numpy.mean(image)
    spectrum = numpy.fft.fft2(image - mean)
    low, high = bump((0, 0), 0.05), 1 - bump((0, 0), 0.3)
    squares = low**2 + high**2
    central = low**2 * spectrum + high * numpy.fft.fft2(shrink(numpy.fft.ifft2(high * spectrum), high))
    directed = 0
    for frequency in (0.35, 0.18, 0.09):
        for k in range(6):
            center = frequency * numpy.array([numpy.sin(numpy.pi * k / 6), numpy.cos(numpy.pi * k / 6)])
            gain, opposite = bump(center, 0.4 * frequency), bump(-center, 0.4 * frequency)
            directed = directed + gain * numpy.fft.fft2(shrink(numpy.fft.ifft2(gain * spectrum), gain))
            squares = squares + gain**2 + opposite**2
    both = numpy.fft.fft2(2 * numpy.fft.ifft2(directed).real)
    return mean + numpy.fft.ifft2((central + both) / squares).real


for name, shape in {"image": (1, 7, 12), "volume": (1, 3, 4, 5), "row": (1, 1, 11), "channels": (2, 8, 6)}.items():
    x = uniform(name, *shape)
    axes = tuple(range(1, x.ndim))
    golden.add("fourier", [name], {}, parts(numpy.fft.fftn(x, axes=axes)))
    golden.add("fourier", [name], {"dimensions": 1}, parts(numpy.fft.fft(x)))
for name, shape in {"complex": (2, 1, 7, 12), "complex_volume": (2, 1, 3, 4, 5), "complex_row": (2, 1, 1, 13)}.items():
    x = uniform(name, *shape)
    numbers = x[0] + 1j * x[1]
    axes = tuple(range(1, numbers.ndim))
    golden.add("fourier", [name], {"complex": True}, parts(numpy.fft.fftn(numbers, axes=axes)))
    golden.add("inverseFourier", [name], {"complex": True}, parts(numpy.fft.ifftn(numbers, axes=axes)))
    spectrum = golden.input(f"{name}_spectrum", parts(numpy.fft.fftn(x[0], axes=axes)))
    half = (spectrum[0] + 1j * spectrum[1])[..., : numbers.shape[-1] // 2 + 1]
    golden.add("inverseFourier", [f"{name}_spectrum"], {}, numpy.fft.irfftn(half, numbers.shape[1:], axes=axes))

for name, shape in {"blurred": (1, 14, 15), "blurred_even": (1, 12, 16)}.items():
    x = uniform(name, *shape)
    for psf, size, sigma in [("odd", (5, 3), 1), ("even_psf", (4, 6), 1.3)]:
        kernel = bell(psf, size, sigma)
        for balance, clip in [(0.02, True), (0.5, False)]:
            result = restoration.wiener(x[0], kernel, balance, clip=clip)
            golden.add("deconvolve", [name, psf], {"balance": balance, "clip": clip}, result)

for name in ["blurred", "blurred_even"]:
    array = numpy.array(golden.inputs[name]["data"]).reshape(golden.inputs[name]["shape"])
    for sigma, strength in [(0.3, 1.5), (0.2, 3)]:
        result = bank(array[0], sigma, strength)
        golden.add("gaborBank", [name], {"sigma": sigma, "strength": strength, "border": "wrap"}, result)

golden.write()
