#!/usr/bin/env bash
# The guide in an empty Debian 12, by hand, as root: tests/packages/chroot.sh [FOLDER]. Makes FOLDER (default: build/chroot) with
# debootstrap, adds nothing but what docs/install.md names, and types its three commands as a user without privileges.
set -euo pipefail
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
system=$(realpath -m "${1:-$repository/build/chroot}")
wheel=$(ls "$repository"/build/packages/headrace-*.whl)

[ -x "$system/bin/sh" ] || debootstrap --variant=minbase bookworm "$system" >/dev/null
cp /etc/resolv.conf "$system/etc/resolv.conf"
mountpoint -q "$system/proc" || mount -t proc proc "$system/proc"
trap 'umount "$system/proc"' EXIT
chroot "$system" sh -c 'dpkg -s python3-venv >/dev/null 2>&1 ||
  { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends python3-venv; }' >/dev/null 2>&1
# Whom to trust, where this machine has certificates of its own.
mkdir -p "$system/etc/ssl/certs"
cp -L /etc/ssl/certs/ca-certificates.crt "$system/etc/ssl/certs/"

home=$system/srv/visitor
rm -rf "$home"
mkdir -p "$home"
cp "$wheel" "$home/"
cp -r "$repository/examples/guide/5_metadata" "$home/"
rm -rf "$home/5_metadata/my_data"
chown -R 65534:65534 "$home"

visit() {
  printf '\033[1m$ %s\033[0m\n' "$*"
  chroot --userspec=65534:65534 "$system" env -i HOME=/srv/visitor PATH=/usr/bin:/bin LANG=C.UTF-8 \
    PIP_CERT=/etc/ssl/certs/ca-certificates.crt sh -c "cd && $*"
}
visit "python3 -m venv .venv"
visit ".venv/bin/pip install -q --disable-pip-version-check headrace-*.whl pandas"
visit ".venv/bin/headrace materialize -m my_dagster_code_location -d 5_metadata"
test "$(wc -l <"$home/5_metadata/my_data/setosa.csv")" -eq 51
echo "setosa is stored: $home/5_metadata/my_data/setosa.csv"

# The Debian package: installed, and the daemon of it in the place of the wheel's.
cp "$repository"/build/packages/headrace_*.deb "$system/srv/headrace.deb"
printf '\033[1m# %s\033[0m\n' "dpkg -i headrace.deb"
chroot "$system" dpkg -i /srv/headrace.deb
visit "/usr/bin/headrace --version"
visit "/usr/bin/headrace materialize --python /srv/visitor/.venv/bin/python -m my_dagster_code_location -d 5_metadata"
chroot "$system" dpkg --purge headrace
