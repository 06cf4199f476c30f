#!/usr/bin/env bash
# The long forms of tests: fault loops, kill storms, every byte flipped, streams of gigabytes, memory over time; and the
# native worker that ships, by its commands and end to end. Prints its totals.
# GRANARY_SOAK_MINUTES sets the length of the memory test (10), GRANARY_SEED the kill storm's seed (random, printed).
set -uo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
out=$(mktemp); trap 'rm -f "$out"' EXIT
status=0
tools/native.sh artifacts/worker || exit 1
dotnet build Operator/Operator.csproj -c Release --nologo -v quiet || exit 1
for project in Engine Faults Worker EndToEnd; do
  dotnet build "test/$project.Tests/$project.Tests.csproj" -c Release --nologo -v quiet || exit 1
done
# The programs themselves, not dotnet test: that keeps to itself what tests print. Memory comes last and alone.
run() {
  echo "soak: $*"
  "$@" --show-live-output off --progress off --no-ansi 2>&1 | tee -a "$out"
  [ "${PIPESTATUS[0]}" -eq 0 ] || status=1
}
bin=bin/Release/net10.0
export GRANARY_TEST_WORKER=$PWD/artifacts/worker/Granary.Worker
run "test/Worker.Tests/$bin/Granary.Worker.Tests" --filter-class '*WholeRunTests' '*CommandTests' '*CommandLineTests' \
  '*PasswordTests' '*WorkerProcessTests' '*IdentityTests' '*ProxyTests' '*ConnectionFlagTests'
run "test/EndToEnd.Tests/$bin/Granary.EndToEnd.Tests"
run "test/Engine.Tests/$bin/Granary.Engine.Tests" --filter-trait Category=Slow
run "test/Faults.Tests/$bin/Granary.Faults.Tests" --filter-trait Category=Slow --filter-not-class '*SoakTests'
run "test/Faults.Tests/$bin/Granary.Faults.Tests" --filter-class '*SoakTests'
grep -E '^(soak of|peak memory of)' "$out"
awk '/^total: .* kills, /{f+=$2; k+=$5; l+=$7}
  /^ *(failed|succeeded): /{v[$1]+=$2}
  END {
    printf "%d faults injected, %d kills, %d losses; %d passed, %d failed\n", f, k, l, v["succeeded:"], v["failed:"]
  }' "$out"
exit "$status"
