"""Makes wiener.json: small results of scipy.signal and scikit-image for the twins of wiener and richardsonLucy.

Run: python3 tests/golden/wiener.py > tests/golden/wiener.json
"""
import numpy
import scipy
import skimage
from golden import Golden
from scipy import signal
from skimage import restoration

golden = Golden(20261126, scipy, skimage)
shapes = {"image": (1, 11, 14), "volume": (1, 4, 5, 6)}
inputs = {name: golden.input(name, golden.random.uniform(0, 1, shape)) for name, shape in shapes.items()}
inputs["hounsfield"] = golden.input("hounsfield", golden.random.normal(-700, 30, (1, 8, 9)))
inputs["psf"] = golden.input("psf", golden.random.dirichlet(numpy.ones(15)).reshape(3, 5))
inputs["psf3d"] = golden.input("psf3d", golden.random.dirichlet(numpy.ones(27)).reshape(3, 3, 3))

for name in ["image", "volume", "hounsfield"]:
    x = inputs[name][0]
    power = 500 if name == "hounsfield" else 0.05
    for radius in [[1] * x.ndim, [2] * x.ndim, [3, 1, 2][: x.ndim]]:
        size = [2 * r + 1 for r in radius]
        golden.add("wiener", [name], {"radius": radius, "border": "constant"}, signal.wiener(x, size))
        golden.add("wiener", [name], {"radius": radius, "noisePower": power, "border": "constant"}, signal.wiener(x, size, power))

for name, psf in [("image", "psf"), ("volume", "psf3d")]:
    for iterations in [1, 10]:
        for clip in [True, False]:
            result = restoration.richardson_lucy(inputs[name][0], inputs[psf], num_iter=iterations, clip=clip)
            golden.add("richardsonLucy", [name, psf], {"iterations": iterations, "clip": clip}, result)

golden.write()
