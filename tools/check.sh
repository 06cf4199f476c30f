#!/usr/bin/env bash
# Formatting, then analyzers (they run in the build), then that generated files are up to date.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
dotnet tool restore --verbosity quiet
dotnet csharpier check .
dotnet build Granary.slnx -c Release --nologo -v quiet
tools/generate.sh --check
echo "check: OK"
