#!/usr/bin/env bash
# Ours against restic on this machine, side by side in one run. OUT=FILE also writes JSON; ROUNDS and SCALE change the size.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
[ -x /usr/bin/time ] || { apt-get -qq update && apt-get -qq -y install time >/dev/null; }
dotnet build Worker/Host/Worker.csproj -c Release --nologo -v quiet -p:RunAnalyzers=false
dotnet build test/Benchmarks/Benchmarks.csproj -c Release --nologo -v quiet -p:RunAnalyzers=false
exec dotnet test/Benchmarks/bin/Release/net10.0/Granary.Benchmarks.dll pipelines ${OUT:+--out "$OUT"} ${ROUNDS:+--rounds "$ROUNDS"} ${SCALE:+--scale "$SCALE"}
