#!/usr/bin/env bash
# The long forms of tests: streams of gigabytes, memory over time. Prints its totals.
set -uo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
dotnet build test/Engine.Tests/Engine.Tests.csproj -c Release --nologo -v quiet || exit 1
exec dotnet test --project test/Engine.Tests/Engine.Tests.csproj -c Release --no-build --no-ansi --no-progress --filter-trait Category=Slow
