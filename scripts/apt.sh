# To be read by the other scripts with `.`: installing Debian packages where that is possible, and saying so where not.

# Can this account install packages without being asked for a password?
apt_usable() {
  command -v apt-get >/dev/null || return 1
  [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null
}

# apt_install PACKAGE...: install, or fail.
apt_install() {
  as_root=
  [ "$(id -u)" -eq 0 ] || as_root="sudo -n"
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq >/dev/null &&
    $as_root env DEBIAN_FRONTEND=noninteractive DEBCONF_NOWARNINGS=yes apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends "$@" >/dev/null
}

# has_library SONAME...: are all of them known to the loader?
has_library() {
  known=$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null) || return 1
  for soname in "$@"; do
    case "$known" in *"$soname "*) ;; *) return 1 ;; esac
  done
}
