#!/bin/sh
# Work out requirements.lock anew: every package with its hashes, for every platform, without a host's name.
set -eu
cd "$(dirname "$0")/.."
command -v uv >/dev/null || { echo "This needs uv: install it with '.venv/bin/pip install uv', then 'make lock' again." >&2; exit 1; }
exec uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header --no-emit-index-url \
  --python-version 3.11 --extra central --extra dev pyproject.toml -o requirements.lock
