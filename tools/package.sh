# Sourced by ./run: `./run package` makes what users install, in build/packages, from the release build.

package() {
  local kinds=("$@") kind
  [ ${#kinds[@]} -gt 0 ] || kinds=(wheel deb)
  for kind in "${kinds[@]}"; do
    case $kind in wheel | deb) ;; *) fail "unknown package: $kind (wheel deb)" ;; esac
  done
  build
  mkdir -p build/packages
  for kind in "${kinds[@]}"; do
    say "packing: $kind"
    "package_$kind"
  done
  ls -l build/packages/*.whl build/packages/*.deb 2>/dev/null || true
}

# quietly COMMAND…: its output only where it fails.
quietly() {
  local output
  output=$("$@" 2>&1) || { printf '%s\n' "$output" >&2; fail "failed: $*"; }
}

# The wheel with the release build's own binary. auditwheel reads from it which libc it needs, and names the wheel by that.
package_wheel() {
  local stage=build/packages/stage
  rm -rf "$stage" build/packages/*.whl
  mkdir -p "$stage"
  strip -o "$stage/headrace" build/release/headrace
  quietly .venv/bin/python -m pip wheel --disable-pip-version-check --no-deps --no-build-isolation -w "$stage" \
    --config-settings "cmake.define.HEADRACE_DAEMON=$root/$stage/headrace" .
  PATH="$root/.venv/bin:$PATH" quietly .venv/bin/python -m auditwheel repair -w build/packages "$stage"/headrace-*.whl
  rm -rf "$stage"
}

# The Debian package with the release build's own binaries.
package_deb() {
  need_packages package
  make_daemon release headrace_sdk headrace_tables headrace_blobs
  rm -f build/packages/*.deb
  quietly cpack --config build/release/CPackConfig.cmake -B "$root/build/packages/stage"
  mv build/packages/stage/*.deb build/packages/
  rm -rf build/packages/stage
}
