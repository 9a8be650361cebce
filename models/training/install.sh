#!/bin/sh
# Debian 12: what the trainers need, and the packages whose heads they use. Deno is needed besides, for phantoms.ts,
# verify.ts and evaluate.ts.
set -eu
apt-get update
apt-get install --yes --no-install-recommends \
  python3-torch python3-torchvision python3-onnx python3-numpy python3-scipy python3-pil \
  mricron-data python3-nibabel python3-dipy
