#!/usr/bin/env bash
# Publishes the worker as it ships, a native program, into a folder. Takes minutes when something changed.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
out=${1:-artifacts/worker}
if ! command -v gcc >/dev/null || [ ! -e /usr/include/stdlib.h ]; then
  apt-get -qq update
  DEBIAN_FRONTEND=noninteractive apt-get -qq -y install gcc libc6-dev >/dev/null
fi
publish() { # PROJECT
  dotnet publish "$1" -c Release --use-current-runtime -o "$out" --nologo -v quiet -p:RunAnalyzers=false
}
publish Worker/Host/Worker.csproj
# Beside it the code for processors with wide vectors (decision 6).
if [ "$(uname -m)" = x86_64 ]; then
  publish Worker/Wide/Wide.csproj
fi
