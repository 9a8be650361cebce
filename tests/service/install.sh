#!/bin/sh
# Debian 12: nats-server, and Orthanc with its DICOMweb plugin, unpacked into a cache folder; nothing is installed or started.
# Without them their tests are left out. `apt-get update` first where the machine is fresh.
set -eu
folder="${XDG_CACHE_HOME:-$HOME/.cache}/isocenter/servers"
[ ! -x "$folder/usr/sbin/Orthanc" ] || exit 0
packages="nats-server orthanc orthanc-dicomweb libboost-locale1.74.0 libboost-thread1.74.0 libboost-filesystem1.74.0
  libboost-iostreams1.74.0 libboost-regex1.74.0 libcivetweb1 liblua5.3-0 libpugixml1v5 libdcmtk17 libjsoncpp25 libuuid1"
debs=$(mktemp -d)
trap 'rm -rf "$debs"' EXIT
cd "$debs"
apt-get download $packages
mkdir -p "$folder"
for deb in *.deb; do dpkg -x "$deb" "$folder"; done
