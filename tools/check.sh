#!/usr/bin/env bash
# Formatting, the dialect, then analyzers (they run in the build), then that generated files are up to date.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
dotnet tool restore --verbosity quiet
dotnet csharpier check .
tools/dialect.sh
dotnet build Granary.slnx -c Release --nologo -v quiet
tools/generate.sh --check
echo "check: OK"
