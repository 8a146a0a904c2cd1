#!/bin/sh
# Installs gVisor (runsc) on this node for containerd: the one of k0s, or a plain one.
# Run it as root on every node that is to run workflows. Running it again changes nothing.
#
#   install.sh                           what is released last
#   RELEASE=20250820 install.sh          a release
#   ARCHIVE=/media/gvisor install.sh     files from a folder, without a network
#   ROOT=/tmp/x install.sh               writes below another root, and restarts nothing
set -eu

RELEASE=${RELEASE:-latest}
ROOT=${ROOT:-}
BIN=$ROOT/usr/local/bin
FILES="runsc containerd-shim-runsc-v1"
MARK="# gVisor, by pipedreamer"

say() { printf '%s\n' "$*" >&2; }
fail() {
  say "error: $1"
  say "fix: $2"
  exit 1
}

# The place of the files of a release, for this machine.
source_url() {
  case $RELEASE in
    latest) printf 'https://storage.googleapis.com/gvisor/releases/release/latest/%s' "$(uname -m)" ;;
    *[!0-9.]* | '') fail "RELEASE=$RELEASE is no release" "RELEASE=20250820 $0" ;;
    *) printf 'https://storage.googleapis.com/gvisor/releases/release/%s/%s' "$RELEASE" "$(uname -m)" ;;
  esac
}

fetch() {
  if [ -n "${ARCHIVE:-}" ]; then
    cp "$ARCHIVE/$1" "$2/$1" || fail "$ARCHIVE has no $1" "copy $(source_url)/$1 there"
  elif command -v curl >/dev/null; then
    curl -fsSL --proto '=https' --retry 3 -o "$2/$1" "$(source_url)/$1" ||
      fail "cannot fetch $(source_url)/$1" "ARCHIVE=/folder/with/the/files $0"
  else
    wget -q -O "$2/$1" "$(source_url)/$1" ||
      fail "cannot fetch $(source_url)/$1" "ARCHIVE=/folder/with/the/files $0"
  fi
}

# Fetches both programs with their checksums, and installs them only when both are whole.
install_programs() {
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  trap 'exit 1' HUP INT TERM
  for file in $FILES; do
    fetch "$file" "$folder"
    fetch "$file.sha512" "$folder"
    (cd "$folder" && sha512sum -c "$file.sha512" >/dev/null 2>&1) ||
      fail "the checksum of $file is wrong, nothing was installed" "fetch it again: $0"
  done
  mkdir -p "$BIN"
  for file in $FILES; do
    # A rename: a shim that is running keeps the old file.
    install -m 0755 "$folder/$file" "$BIN/.$file.new"
    mv -f "$BIN/.$file.new" "$BIN/$file"
  done
  say "installed $FILES in $BIN"
}

# containerd 2 (version 3 of its file) calls the plugin by another name than containerd 1 (version 2).
plugin_of() {
  case $1 in
    3) printf 'io.containerd.cri.v1.runtime' ;;
    2) printf 'io.containerd.grpc.v1.cri' ;;
    *) fail "$2 has a version that is neither 2 nor 3" "containerd config migrate > $2" ;;
  esac
}

version_in() {
  sed -n 's/^version *= *\([0-9]*\).*/\1/p' "$1" | head -n 1
}

# k0s merges what lies in its drop-in folder into the configuration that it writes for containerd, and restarts
# that by itself. Which version it writes depends on its own.
configure_k0s() {
  version=3
  for written in "$ROOT/run/k0s/containerd-cri.toml" "$ROOT/etc/k0s/containerd.toml"; do
    if [ -f "$written" ]; then
      version=$(version_in "$written")
      break
    fi
  done
  plugin=$(plugin_of "${version:-3}" "$ROOT/etc/k0s/containerd.toml")
  mkdir -p "$ROOT/etc/k0s/containerd.d"
  cat >"$ROOT/etc/k0s/containerd.d/gvisor.toml" <<TOML
$MARK
version = ${version:-3}

[plugins."$plugin".containerd.runtimes.runsc]
  runtime_type = "io.containerd.runsc.v1"
TOML
  say "wrote $ROOT/etc/k0s/containerd.d/gvisor.toml"
}

configure_containerd() {
  config=$ROOT/etc/containerd/config.toml
  if [ ! -f "$config" ]; then
    mkdir -p "$(dirname "$config")"
    containerd config default >"$config" ||
      fail "cannot write $config" "containerd config default > $config"
  fi
  if grep -q 'containerd.runtimes.runsc\]' "$config"; then
    say "$config has runsc already"
    return
  fi
  plugin=$(plugin_of "$(version_in "$config")" "$config")
  cp -p "$config" "$config.before-gvisor"
  cat >>"$config" <<TOML

$MARK
[plugins."$plugin".containerd.runtimes.runsc]
  runtime_type = "io.containerd.runsc.v1"
TOML
  say "added runsc to $config; the file of before is $config.before-gvisor"
  if [ -z "$ROOT" ]; then
    systemctl restart containerd || fail "containerd does not start" "journalctl -u containerd -n 50"
  fi
}

[ -n "$ROOT" ] || [ "$(id -u)" = 0 ] || fail "only root can install programs" "sudo $0"
case $(uname -m) in
  x86_64 | aarch64) ;;
  *) fail "gVisor has no release for $(uname -m)" "pd deploy --runtime-class ''" ;;
esac
command -v sha512sum >/dev/null || fail "sha512sum is missing" "apt-get install coreutils"

install_programs
if [ -d "$ROOT/etc/k0s" ] || [ -d "$ROOT/var/lib/k0s" ]; then
  configure_k0s
else
  configure_containerd
fi
say "next, once for the cluster: kubectl apply -f runtimeclass.yaml"
