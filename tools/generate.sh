#!/usr/bin/env bash
# Writes config/crd, config/rbac, config/webhook and config/catalog from code (and the chart's copy of the CRDs).
# With --check it writes nothing, lists the files that are not up to date, and fails if there are any.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
configuration=${CONFIGURATION:-Release}
dotnet build Operator/Operator.csproj -c "$configuration" --nologo -v quiet -clp:"ErrorsOnly;NoSummary"
dotnet build tools/Manifests/Manifests.csproj -c "$configuration" --nologo -v quiet -clp:"ErrorsOnly;NoSummary"
exec dotnet "tools/Manifests/bin/$configuration/net10.0/Granary.Manifests.dll" \
  --root . \
  --api "Shared/Api/bin/$configuration/net10.0/Granary.Api.dll" \
  --operator "Operator/bin/$configuration/net10.0/Granary.Operator.dll" \
  "$@"
