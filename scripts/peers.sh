#!/bin/sh
# Install the peers of `make bench-sync` into build/peers: what is locked, instant the second time. A peer that cannot
# be installed is left out, and its column says so.
set -eu
cd "$(dirname "$0")/.."

say() { echo "peers: $*" >&2; }

stamp_of() { cat "$@" | sha256sum | cut -c1-16; }

pouchdb() {
  command -v npm >/dev/null || { say "npm is not here: PouchDB is left out"; return; }
  stamp="build/peers/pouchdb/installed-$(stamp_of benchmarks/peers/pouchdb/package-lock.json)"
  [ -f "$stamp" ] && return
  rm -rf build/peers/pouchdb && mkdir -p build/peers/pouchdb
  cp benchmarks/peers/pouchdb/package.json benchmarks/peers/pouchdb/package-lock.json build/peers/pouchdb
  say "installing PouchDB"
  # no scripts: LevelDB comes ready-made inside its package
  if (cd build/peers/pouchdb && npm ci --silent --ignore-scripts --no-audit --no-fund); then
    touch "$stamp"
  else
    rm -rf build/peers/pouchdb && say "PouchDB could not be installed and is left out"
  fi
}

kinto() {
  stamp="build/peers/kinto/installed-$(stamp_of benchmarks/peers/kinto/requirements.lock)"
  [ -f "$stamp" ] && return
  rm -rf build/peers/kinto
  say "installing Kinto"
  if .venv/bin/python -m venv build/peers/kinto && build/peers/kinto/bin/python -m pip install --quiet \
    --disable-pip-version-check --require-hashes -r benchmarks/peers/kinto/requirements.lock; then
    touch "$stamp"
  else
    rm -rf build/peers/kinto && say "Kinto could not be installed and is left out"
  fi
}

mkdir -p build/peers
pouchdb
kinto
