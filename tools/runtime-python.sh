#!/bin/sh
# Prints the path of a Python of the Lambda runtime's version that really runs: version managers put shims on PATH that
# exist and yet fail. RUNTIME_PYTHON names one to use instead.
set -u
version=${RUNTIME_VERSION:-3.13}

try() {
  found=$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2], sys.executable)' 2>/dev/null) || return 0
  case $found in
    "$version "*) echo "${found#* }" && exit 0 ;;
  esac
}

[ -z "${RUNTIME_PYTHON:-}" ] || try "$RUNTIME_PYTHON"
try "python$version"
try python3
for root in "${PYENV_ROOT:-}" "$(pyenv root 2>/dev/null)" "${HOME:-}/.pyenv"; do
  for candidate in "$root/versions/$version".*/bin/python; do
    try "$candidate"
  done
done
try "$(uv python find "$version" 2>/dev/null)"

echo "no Python $version found (Lambda's runtime): install one (pyenv, uv, your system) or set RUNTIME_PYTHON" >&2
exit 1
