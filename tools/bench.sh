#!/usr/bin/env bash
# Ours against restic on this machine, side by side in one run. OUT=FILE also writes JSON; ROUNDS and SCALE change the
# size, STORES="local" or "s3" measures one store only, SKIP_STAGES=1 leaves out the stages alone.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
[ -x /usr/bin/time ] || { apt-get -qq update && apt-get -qq -y install time >/dev/null; }
# The worker as it ships: a native program.
tools/native.sh test/Benchmarks/bin/worker
dotnet build test/Benchmarks/Benchmarks.csproj -c Release --nologo -v quiet -p:RunAnalyzers=false
bench=test/Benchmarks/bin/Release/net10.0/Granary.Benchmarks.dll
[ -n "${SKIP_STAGES:-}" ] || dotnet "$bench" stages --filter '*' --artifacts test/Benchmarks/bin/stages | grep '^|'
exec dotnet "$bench" pipelines ${OUT:+--out "$OUT"} ${ROUNDS:+--rounds "$ROUNDS"} ${SCALE:+--scale "$SCALE"} \
  ${STORES:+--stores $STORES}
