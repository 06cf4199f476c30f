#!/usr/bin/env bash
# Builds and runs every test project, then prints the totals on one closing line.
set -uo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
out=$(mktemp); trap 'rm -f "$out"' EXIT
dotnet build Granary.slnx -c Release --nologo -v quiet || { echo "test: the build failed" >&2; exit 1; }
# Slow forms (trait Category=Slow) belong to make soak.
dotnet test --solution Granary.slnx -c Release --no-build --no-ansi --no-progress --max-parallel-test-modules 2 \
  --filter-not-trait Category=Slow "$@" 2>&1 | tee "$out"
rc=${PIPESTATUS[0]}
# What failed, and with which words, again below the tables, where a reader of the end of a log finds it.
awk '/^failed /{left=40} /^[^ ]/&&!/^failed /{left=0} left-->0' "$out"
awk '/^ *(failed|succeeded|skipped): /{v[$1]=$2}
  END {
    printf "%d passed, %d failed", v["succeeded:"], v["failed:"]
    if (v["skipped:"] > 0) printf ", %d skipped", v["skipped:"]
    print ""
  }' "$out"
exit "$rc"
