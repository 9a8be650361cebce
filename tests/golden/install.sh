#!/bin/sh
# Debian 12: what the generators of golden values and the bench's Python peers need. No test needs it.
set -eu
apt-get update
apt-get install --yes --no-install-recommends \
  python3-numpy python3-scipy python3-skimage python3-pywt python3-opencv
