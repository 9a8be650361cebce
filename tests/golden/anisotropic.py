"""Makes anisotropic.json: Perona and Malik's diffusion and modified curvature diffusion in numpy, written from the papers
by shifting whole arrays, which the twin of anisotropic is compared with. No library at hand has them in float.

Run: python3 tests/golden/anisotropic.py > tests/golden/anisotropic.json
"""
import numpy
from golden import Golden


def conductance(square, kappa, rational):
    """Of squared gradients."""
    return 1 / (1 + square / kappa**2) if rational else numpy.exp(-square / kappa**2)


def perona_malik(u, kappa, steps, dt, rational, spacing):
    """Flows between neighbors leave the one and enter the other, so that nothing crosses the border."""
    u = u.copy()
    for _ in range(steps):
        change = numpy.zeros_like(u)
        for axis, h in enumerate(spacing):
            gradient = numpy.diff(u, axis=axis) / h
            flow = gradient * conductance(gradient**2, kappa, rational)
            pad = [(0, 0)] * u.ndim
            pad[axis] = (1, 1)
            change += numpy.diff(numpy.pad(flow, pad), axis=axis) / h
        u += dt * change
    return u


def curvature(u, kappa, steps, dt, rational, spacing):
    """Whitaker and Xue's scheme: gradients between pixels, upwind speed."""
    axes = range(u.ndim)

    def shifted(v, axis, by):
        """v at the neighbor, at the border at the pixel itself."""
        last = v.shape[axis] - 1
        return numpy.take(v, numpy.clip(numpy.arange(last + 1) + by, 0, last), axis)

    for _ in range(steps):
        central = [(shifted(u, a, 1) - shifted(u, a, -1)) / (2 * spacing[a]) for a in axes]
        speed = numpy.zeros_like(u)
        rising = numpy.zeros_like(u)
        falling = numpy.zeros_like(u)
        for axis in axes:
            forward = (shifted(u, axis, 1) - u) / spacing[axis]
            backward = (u - shifted(u, axis, -1)) / spacing[axis]
            for side, gradient in [(1, forward), (-1, backward)]:
                square = gradient**2
                for other in axes:
                    if other != axis:
                        square = square + ((central[other] + shifted(central[other], axis, side)) / 2) ** 2
                flow = conductance(square, kappa, rational) * gradient / numpy.sqrt(square + (kappa / 100) ** 2)
                speed += side * flow / spacing[axis]
            rising += numpy.maximum(forward, 0) ** 2 + numpy.minimum(backward, 0) ** 2
            falling += numpy.minimum(forward, 0) ** 2 + numpy.maximum(backward, 0) ** 2
        u = u + dt * speed * numpy.sqrt(numpy.where(speed > 0, rising, falling))
    return u


golden = Golden(20261126)
inputs = {
    name: golden.input(name, numpy.cumsum(golden.random.uniform(-0.5, 0.5, shape), axis=-1))
    for name, shape in {"image": (1, 9, 12), "thin": (1, 1, 7), "volume": (1, 4, 5, 6)}.items()
}
equations = {"peronaMalik": (perona_malik, 0.1), "curvature": (curvature, 0.04)}
for equation, (diffuse, dt) in equations.items():
    for name, image in inputs.items():
        u = image[0]
        for rational in [False, True]:
            for spacing in [[1] * u.ndim, [2.5, 1.25, 0.8][-u.ndim :]]:
                for kappa, steps in [(0.2, 1), (0.7, 4)]:
                    options = {
                        "equation": equation,
                        "conductance": "rational" if rational else "exponential",
                        "kappa": kappa,
                        "steps": steps,
                        "dt": dt,
                        "spacing": spacing,
                    }
                    golden.add("anisotropic", [name], options, diffuse(u, kappa, steps, dt, rational, spacing))

golden.write()
