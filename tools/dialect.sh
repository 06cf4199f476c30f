#!/usr/bin/env bash
# Holds the code to decision 10, as far as neither the formatter nor an analyzer does. Prints every breach.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# Lines are measured in characters, not in bytes.
export LC_ALL=C.UTF-8

failures=0
# report TEXT: reads breaches from standard input and prints them under the rule that they break.
report() {
  local found
  found=$(cat)
  if [ -n "$found" ]; then
    printf 'dialect: %s\n%s\n' "$1" "$(sed 's/^/  /' <<<"$found")"
    failures=$((failures + 1))
  fi
}

# The conformance file must stay as it was given.
mapfile -t code < <(git ls-files --cached --others --exclude-standard '*.cs' ':!test/KubeOps.Tests/Conformance')
mapfile -t others < <(git ls-files --cached --others --exclude-standard \
  '*.sh' '*.csproj' '*.props' '*.targets' '*.slnx' 'Makefile')
mapfile -t ids < <(git ls-files --cached --others --exclude-standard '*EventId.cs')

report 'no line is wider than 120 characters' < <(
  grep -nE '^.{121,}' "${code[@]}" "${others[@]}" | sed -E 's/^([^:]*:[0-9]+):.*/\1/'
)

# CSharpier owns the layout, so a block ends at the indentation at which it began.
report 'a caught exception is "e"; a catch inside another one names what was caught' < <(
  awk '
    FNR == 1 { depth = 0 }
    { match($0, /^ */); indent = RLENGTH; text = substr($0, indent + 1) }
    text ~ /^}/ { while (depth > 0 && open[depth] >= indent) depth-- }
    text ~ /^catch \(/ {
      name = text; sub(/\).*/, "", name); sub(/^catch \([A-Za-z0-9_.<>]*/, "", name); sub(/^ */, "", name)
      if (name != "" && name != "e" && depth == 0) print FILENAME ":" FNR ": " text
      if (name == "e" && depth > 0) print FILENAME ":" FNR ": " text
    }
    text ~ /^catch/ { open[++depth] = indent }
  ' "${code[@]}"
)

report 'a static readonly field is PascalCase' < <(
  grep -nE '\bstatic readonly [^=;(]* _?[a-z][A-Za-z0-9_]*( =|;|$)' "${code[@]}" || true
)

report 'a log method names its id' < <(
  awk '
    # The attribute stands on one line, or its first argument on the next.
    /\[LoggerMessage\($/ { getline; if ($0 !~ /^ *[A-Za-z]*EventId\.[A-Za-z]+,$/) print FILENAME ":" FNR ": " $0; next }
    /\[LoggerMessage\(/ && !/\[LoggerMessage\([A-Za-z]*EventId\.[A-Za-z]+,/ { print FILENAME ":" FNR ": " $0 }
  ' "${code[@]}"
)

report 'an id stands for one log message' < <(
  sed -nE 's/.*const int ([A-Za-z]+) = ([0-9]+);.*/\2/p' "${ids[@]}" | sort | uniq -d
  { grep -hoE '\b[A-Za-z]*EventId\.[A-Za-z]+' "${code[@]}" || true; } | sort | uniq -d
)

report 'a file has at most 350 lines, or says in its first five why it is longer ("// Long: …")' < <(
  awk '
    FNR == 1 { if (lines > 350 && !why) print name ": " lines; name = FILENAME; why = 0 }
    FNR <= 5 && /\/\/ Long: [^ ]/ { why = 1 }
    { lines = FNR }
    END { if (lines > 350 && !why) print name ": " lines }
  ' "${code[@]}"
)

report 'a folder has at most 15 files of its own; more of them want rooms' < <(
  printf '%s\n' "${code[@]}" | sed -E 's|/[^/]*$||' | sort | uniq -c | awk '$1 > 15 { print $2 ": " $1 }'
)

[ "$failures" -eq 0 ] || exit 1
echo "dialect: OK"
