"""What the generators of golden values share: seeded inputs, cases, and JSON of at most 9 digits on standard output."""
import json
import sys

import numpy


class Golden:
    """Results of independent programs for seeded inputs, as the tests in tests/host/golden/ read them."""

    def __init__(self, seed, *modules):
        self.seed = seed
        self.random = numpy.random.default_rng(seed)
        self.versions = {"python": sys.version.split()[0], "numpy": numpy.__version__}
        self.versions.update({module.__name__: module.__version__ for module in modules})
        self.inputs = {}
        self.cases = []

    def input(self, name, array):
        """Names an input; gives it as float64 of the float32 that is written."""
        stored = numpy.asarray(array, numpy.float32)
        self.inputs[name] = {"shape": list(stored.shape), "data": [float(value) for value in stored.ravel()]}
        return stored.astype(numpy.float64)

    def add(self, operation, inputs, options, *results):
        """A case: names of its inputs, options as the operation takes them, its results."""
        expected = [[float(f"{value:.9g}") for value in numpy.asarray(result, numpy.float64).ravel()] for result in results]
        self.cases.append({"operation": operation, "inputs": inputs, "options": options, "expected": expected})

    def write(self):
        """Prints all of it."""
        json.dump(
            {"versions": self.versions, "seed": self.seed, "inputs": self.inputs, "cases": self.cases},
            sys.stdout,
            separators=(",", ":"),
        )
