#!/usr/bin/env bash
# Publishes the worker as it ships, a native program, into a folder. Takes minutes when something changed.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
out=${1:-artifacts/worker}
command -v gcc >/dev/null && [ -e /usr/include/stdlib.h ] || { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y install gcc libc6-dev >/dev/null; }
dotnet publish Worker/Host/Worker.csproj -c Release --use-current-runtime -o "$out" --nologo -v quiet -p:RunAnalyzers=false
# Beside it the code for processors with wide vectors (decision 6).
if [ "$(uname -m)" = x86_64 ]; then
  dotnet publish Worker/Wide/Wide.csproj -c Release --use-current-runtime -o "$out" --nologo -v quiet -p:RunAnalyzers=false
fi
