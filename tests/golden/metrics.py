"""Makes metrics.json: small results of skimage.metrics, which the twins of the image quality metrics are compared with.

Run: python3 tests/golden/metrics.py > tests/golden/metrics.json
"""
import skimage
from golden import Golden
from skimage import metrics

golden = Golden(20261124, skimage)
shapes = {"image": (1, 13, 17), "channels": (2, 12, 14), "volume": (1, 7, 8, 9)}
pairs = {}
for name, shape in shapes.items():
    reference = golden.random.uniform(-0.5, 2, shape)
    test = reference + golden.random.normal(0, 0.2, shape)
    pairs[name] = [golden.input(name, reference), golden.input(f"{name}_test", test)]

similarities = [
    {},
    {"size": 5, "dataRange": 2.5},
    {"size": 3, "useSampleCovariance": False, "K1": 0.02, "K2": 0.05},
    {"window": "gaussian", "sigma": 0.8},
    {"window": "gaussian", "sigma": 0.6, "useSampleCovariance": False, "dataRange": 255},
]
for name, (x, y) in pairs.items():
    inputs = [name, f"{name}_test"]
    golden.add("meanSquaredError", inputs, {}, metrics.mean_squared_error(x, y))
    for ours, theirs in {"euclidean": "euclidean", "minmax": "min-max", "mean": "mean"}.items():
        score = metrics.normalized_root_mse(x, y, normalization=theirs)
        golden.add("normalizedRootMse", inputs, {"normalization": ours}, score)
    for data_range in [1, 255]:
        score = metrics.peak_signal_noise_ratio(x, y, data_range=data_range)
        golden.add("peakSignalNoiseRatio", inputs, {"dataRange": data_range}, score)
    for options in similarities:
        theirs = {
            "data_range": options.get("dataRange", 1),
            "use_sample_covariance": options.get("useSampleCovariance", True),
            "K1": options.get("K1", 0.01),
            "K2": options.get("K2", 0.03),
        }
        if "window" in options:
            theirs.update(gaussian_weights=True, sigma=options["sigma"])
        else:
            theirs["win_size"] = options.get("size", 7)
        score = metrics.structural_similarity(x, y, channel_axis=0, **theirs)
        golden.add("structuralSimilarity", inputs, options, score)

golden.write()
