#!/bin/sh
# Debian 12: what the trainers need. Deno is needed besides, for phantoms.ts and verify.ts.
set -eu
apt-get update
apt-get install --yes --no-install-recommends \
  python3-torch python3-onnx python3-numpy python3-scipy python3-pil
