"""Makes bilateral.json: small results of OpenCV, which the twin of bilateral is compared with.

OpenCV reads its weights from a table, so that it is some 1e-6 off the definition. Its window is a ball, its distance of
colors the sum of the absolute differences. It has neither volumes nor the border "constant"; what has no library has no
golden values.

Run: python3 tests/golden/bilateral.py > tests/golden/bilateral.json
"""
import cv2
import numpy
from golden import Golden

BORDERS = {"reflect": cv2.BORDER_REFLECT, "mirror": cv2.BORDER_REFLECT_101, "nearest": cv2.BORDER_REPLICATE}
golden = Golden(20261122, cv2)
gray = golden.input("gray", golden.random.uniform(0, 1, (1, 11, 14)))
color = golden.input("color", golden.random.uniform(0, 1, (3, 7, 9)))

for border, code in BORDERS.items():
    for radius, sigma_color, sigma_space in [(1, 0.2, 1), (2, 0.1, 1.5), (4, 0.3, 3), (4, 2, 10)]:
        options = {"radius": radius, "sigmaColor": sigma_color, "sigmaSpacePx": sigma_space, "border": border}
        how = {"d": 2 * radius + 1, "sigmaColor": sigma_color, "sigmaSpace": sigma_space, "borderType": code}
        golden.add("bilateral", ["gray"], options, cv2.bilateralFilter(gray[0].astype(numpy.float32), **how))
        pixels = numpy.ascontiguousarray(numpy.moveaxis(color, 0, -1), numpy.float32)
        result = numpy.moveaxis(cv2.bilateralFilter(pixels, **how), -1, 0)
        golden.add("bilateral", ["color"], {**options, "colorDistance": "sum"}, result)

golden.write()
