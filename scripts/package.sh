#!/bin/sh
# Build the one-folder program in dist/naungan and try it. PyInstaller needs objdump and Python's shared library.
set -eu
cd "$(dirname "$0")/.."
. scripts/apt.sh

if [ "$(uname -s)" = Linux ]; then
  version=$(.venv/bin/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  shared=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_config_var("Py_ENABLE_SHARED") or 0)')
  missing=
  command -v objdump >/dev/null || missing="$missing binutils"
  [ "$shared" = 1 ] || has_library "libpython$version.so.1.0" || missing="$missing libpython$version"
  if [ -n "$missing" ]; then
    apt_usable || { echo "package: PyInstaller needs these first: apt-get install$missing" >&2; exit 1; }
    # shellcheck disable=SC2086 # a list of words
    apt_install $missing
  fi
fi

.venv/bin/python scripts/catalogue.py compile
.venv/bin/python -m PyInstaller --noconfirm --clean --log-level ERROR build.spec
.venv/bin/python -m scripts.sbom dist/naungan/sbom.cdx.json
.venv/bin/python scripts/smoke_package.py dist/naungan
