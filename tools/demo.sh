#!/usr/bin/env bash
# Builds what the demo needs (analyzers run in make check, not here) and runs it. KEEP=1 leaves everything running;
# BREAK=FlipPack, DropRule, KillDump or StopStorage breaks something on purpose: the demo must then end in FAIL.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
for project in Operator/Operator.csproj Worker/Host/Worker.csproj test/Demo/Demo.csproj; do
  dotnet build "$project" -c Release --nologo -v quiet -p:RunAnalyzers=false
done
exec dotnet test/Demo/bin/Release/net10.0/Granary.Demo.dll ${KEEP:+--keep} ${BREAK:+--break "$BREAK"} "$@"
