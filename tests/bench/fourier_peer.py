#!/usr/bin/python3
"""Times scipy's real transform of a square f32 image and prints one JSON line, as TEST_DATA's filters_peer.py does.

  fourier_peer.py --work rfft2 --size 1024 --repeat 9
"""
import argparse
import json
import statistics
import sys
import time

parser = argparse.ArgumentParser()
parser.add_argument("--work", choices=["rfft2"], required=True)
parser.add_argument("--size", type=int, default=1024)
parser.add_argument("--repeat", type=int, default=9)
options = parser.parse_args()
try:
    import numpy
    import scipy.fft
except ImportError as error:
    print(json.dumps({"work": options.work, "missing": str(error)}))
    sys.exit(3)
image = numpy.random.default_rng(1).random((options.size, options.size), dtype=numpy.float32)
times = []
for _ in range(options.repeat + 1):
    begin = time.perf_counter()
    scipy.fft.rfft2(image, workers=2)
    times.append(time.perf_counter() - begin)
print(json.dumps({"work": options.work, "median_s": statistics.median(times[1:])}))
