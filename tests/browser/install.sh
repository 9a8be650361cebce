#!/bin/sh
# Debian 12: the browser in which all pages are compiled. Without it that test is left out.
set -eu
apt-get update
apt-get install --yes --no-install-recommends chromium
