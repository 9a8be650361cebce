#!/usr/bin/env bash
# Takes the engine to a machine with a GPU that has no network, and brings one folder of results back.
#   tests/bench/on_gpu.sh pack ARCHIVE.tar.xz   here: Deno, packages, the project and test data, below 60 MB
#   tests/bench/on_gpu.sh run [RESULTS]         there, from the unpacked folder: self-test, tests, conformance, bench, forms
# ISOCENTER_ADAPTER chooses another adapter than gpu. The whole run takes about five minutes.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)

pack() {
  local archive folder deno data
  archive=$(realpath "$1")
  folder=$(mktemp -d)
  trap "rm -rf '$folder'" EXIT
  deno=${DENO:-$(npx -y deno@2.9.6 eval 'console.log(Deno.execPath())')}
  data=${TEST_DATA:-$root/../shared/data}
  mkdir "$folder/isocenter" "$folder/data"
  # Without what no test of the archive reads: the training, pictures, and weights that are compared on slices that stay here.
  local unread=(':!models/training/state' ':!models/denoise_autoencoder/model.onnx')
  unread+=(':!models/*/failures.png' ':!plugins/denoise/gallery.png')
  unread+=(':!models/'{inception_v3,maskrcnn,resnet50,vgg_unet}'_tumor/model.onnx')
  git -C "$root" ls-files -z -- "${unread[@]}" | tar -C "$root" --null -T - -c | tar -C "$folder/isocenter" -x
  cp "$deno" "$folder/deno"
  (cd "$folder/isocenter" && DENO_DIR="$folder/cache" "$folder/deno" cache --frozen mod.ts main.ts plugins/*/*.ts tests/device/*.ts tests/operations/*.ts tests/conformance/main.ts)
  # Compiled code is made anew where it is needed.
  rm -rf "$folder"/cache/{gen,*_cache_v*,node_analysis_cache*,dep_analysis_cache*}
  for part in onnx expected/filters; do
    [ -d "$data/$part" ] && mkdir -p "$folder/data/$part" && cp -r "$data/$part/." "$folder/data/$part"
  done
  tar -C "$folder" -c . | xz -6 -T0 >"$archive"
  local bytes
  bytes=$(stat -c %s "$archive")
  echo "$archive: $((bytes / 1000000)) MB"
  [ "$bytes" -lt 60000000 ] || { echo "error: the archive has $bytes bytes, but 60,000,000 is the most" >&2; exit 1; }
}

run() {
  local home results failed=0
  home=$(cd "$root/.." && pwd)
  results=$(realpath -m "${1:-$home/results}")
  mkdir -p "$results"
  export DENO_DIR="$home/cache" TEST_DATA="$home/data" ISOCENTER_ADAPTER="${ISOCENTER_ADAPTER:-gpu}"
  cd "$root"
  step() {
    local name=$1 limit=$2 status=0
    shift 2
    timeout "$limit" "$home/deno" "$@" >"$results/$name.txt" 2>&1 || status=$?
    echo "$name: exit status $status" | tee -a "$results/status.txt"
    [ "$status" = 0 ] || failed=1
  }
  : >"$results/status.txt"
  step doctor 60 run -A --cached-only main.ts doctor
  step device 150 test -A --cached-only --no-check tests/device tests/operations
  step filters 60 run -A --cached-only tests/conformance/main.ts "$TEST_DATA/expected/filters/manifest_dev.json"
  step onnx 60 run -A --cached-only tests/conformance/main.ts "$TEST_DATA/onnx"
  step bench 120 run -A --cached-only main.ts bench --rounds 9 --report "$results/bench.html"
  # What was measured comes back: the tables are those that the shipped ones could be.
  XDG_CACHE_HOME="$results/cache" step tune 60 run -A --cached-only main.ts bench --tune filters/ nn/ --rounds 5
  step forms 60 run -A --cached-only tests/conformance/main.ts "$TEST_DATA/expected/filters/manifest_dev.json" --form all
  exit $failed
}

case "${1:-}" in
  pack) [ $# = 2 ] && { pack "$2"; exit; } ;;
  run) [ $# -le 2 ] && run "${2:-}" ;;
esac
sed -n '2,5s/^# //p' "$0" >&2
exit 2
