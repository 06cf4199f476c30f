#!/usr/bin/env bash
# Writes config/crd, config/rbac, config/webhook, config/catalog (and the chart's copy of the CRDs) and docs/reference
# from code.
# With --check it writes nothing, lists the files that are not up to date, and fails if there are any.
# With --built, as the first word, it takes the programs as they are.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
configuration=${CONFIGURATION:-Release}
if [ "${1:-}" = --built ]; then
  shift
  projects=()
else
  projects=(Operator/Operator Worker/Host/Worker tools/Manifests/Manifests)
fi
for project in "${projects[@]}"; do
  dotnet build "$project.csproj" -c "$configuration" --nologo -v quiet -clp:"ErrorsOnly;NoSummary"
done
bin=bin/$configuration/net10.0

# What the programs say of their own flags.
help=$(mktemp -d)
trap 'rm -rf "$help"' EXIT
mkdir "$help/worker"
worker() { dotnet "Worker/Host/$bin/Granary.Worker.dll" "$@"; }
dotnet "Operator/$bin/Granary.Operator.dll" --help >"$help/operator.txt"
commands=$(worker --help | awk '/^Commands:/ { on = 1; next } /^[^ ]/ { on = 0 } on && /^  [a-z]/ { print $1 }')
for command in $commands; do
  worker "$command" --help >"$help/worker/$command.txt"
done

dotnet "tools/Manifests/$bin/Granary.Manifests.dll" \
  --root . \
  --api "Shared/Api/$bin/Granary.Api.dll" \
  --operator "Operator/$bin/Granary.Operator.dll" \
  --help-texts "$help" \
  "$@"
