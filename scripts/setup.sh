#!/bin/sh
# Make this checkout ready to run: .venv, the locked packages, Qt's system libraries, the compiled translations.
# Safe to run again: a stamp named after the lock makes the second run instant. Works as root or not.
set -eu
cd "$(dirname "$0")/.."
. scripts/apt.sh

say() { echo "setup: $*"; }
stop() { echo "setup: $*" >&2; exit 1; }

stamp=".venv/naungan-$(cat requirements.lock scripts/setup.sh | sha256sum | cut -c1-16).stamp"

find_python() {
  for candidate in python3.11 python3 python3.13 python3.12; do
    if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
  return 1
}

make_venv() {
  python=$(find_python) || stop "Naungan needs Python 3.11, 3.12 or 3.13 and found none. On Debian: apt-get install python3 python3-venv"
  say "creating .venv with $("$python" --version)"
  "$python" -m venv --clear .venv >/dev/null 2>&1 && return
  # Debian ships Python without ensurepip until python3-venv is there.
  apt_usable || stop "Python cannot create a virtual environment here. Install python3-venv, then run this again."
  say "installing python3-venv"
  apt_install python3-venv || stop "apt-get could not install python3-venv. Install it by hand, then run this again."
  "$python" -m venv --clear .venv >/dev/null || stop "$python still cannot create .venv; the lines above say why."
}

install_packages() {
  say "installing the locked packages (a few minutes the first time)"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock ||
    stop "a locked package could not be installed. Is there a link to the package index? Then run this again."
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
}

# Qt brings itself, but not the libraries of the display and of fonts. Missing ones stop the window, not the rest.
install_qt_libraries() {
  [ "$(uname -s)" = Linux ] || return 0
  has_library libEGL.so.1 libGL.so.1 libfontconfig.so.1 libglib-2.0.so.0 libdbus-1.so.3 libxkbcommon.so.0 \
    libxkbcommon-x11.so.0 libX11-xcb.so.1 libxcb-cursor.so.0 libxcb-icccm.so.4 libxcb-image.so.0 libxcb-keysyms.so.1 \
    libxcb-randr.so.0 libxcb-render-util.so.0 libxcb-shape.so.0 libxcb-xkb.so.1 libwayland-cursor.so.0 && return 0
  packages="libegl1 libgl1 libfontconfig1 libglib2.0-0 libdbus-1-3 libxkbcommon0 libxkbcommon-x11-0 libx11-xcb1
    libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0 libxcb-xkb1
    libwayland-cursor0"
  if apt_usable; then
    say "installing the libraries Qt needs for windows and fonts"
    # shellcheck disable=SC2086 # a list of words
    apt_install $packages && return 0
  fi
  say "some libraries for windows are missing; the window may not open. Install them with: apt-get install" $packages
}

# The texts change more often than the packages.
compile_texts() {
  for language in id en; do
    texts="resources/locale/$language/LC_MESSAGES/naungan"
    if [ ! -f "$texts.mo" ] || [ -n "$(find "$texts.po" -newer "$texts.mo")" ]; then
      .venv/bin/python scripts/catalogue.py compile
      return
    fi
  done
}

if [ -f "$stamp" ] && [ -x .venv/bin/naungan ]; then
  compile_texts
  exit 0
fi
.venv/bin/python -c 'import pip' 2>/dev/null || make_venv
install_packages
install_qt_libraries
compile_texts
rm -f .venv/naungan-*.stamp
touch "$stamp"
say "ready"
