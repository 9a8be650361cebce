#!/bin/sh
# Debian 12: the programs that read back what we write. No test of the suite and nothing that a user runs needs them.
set -eu
apt-get update
apt-get install --yes --no-install-recommends dcmtk python3-pydicom python3-nibabel python3-numpy
