# What ./start and ./test share: what must be on the machine, and how the pieces are built.
# Sourced by bash from the root of the repository.

root=$PWD
# Whatever the locale: our texts have æ, ø and å.
export PYTHONUTF8=1
# The one shape of every cargo command. A second shape is a second cold build.
shape=(--locked --workspace --all-targets --features app/custom-protocol)
# Of the same shape, what a demo needs: cargo chooses the same features, and a test that does not compile yet stops no demo.
programs=(--locked --workspace --bins --examples --features app/custom-protocol)

# Some machines start programs without a home; cargo, npm and Chromium each want one.
if [ -z "${HOME:-}" ] || [ ! -w "$HOME" ]; then
  home=$(getent passwd "$(id -u)" 2>/dev/null | cut -d: -f6)
  if [ -d "${HOME:-$home}/.rustup" ]; then export RUSTUP_HOME=${RUSTUP_HOME:-${HOME:-$home}/.rustup}; fi
  if [ -z "$home" ] || [ ! -w "$home" ]; then
    home=$root/target/home
    mkdir -p "$home"
  fi
  export HOME=$home
fi

if [ -t 1 ]; then dim=$'\e[2m' plain=$'\e[0m'; else dim='' plain=''; fi

# say DANISH ENGLISH
say() { printf '%s\n%s  %s%s\n' "$1" "$dim" "$2" "$plain"; }

# refuse DANISH ENGLISH: one sentence with its mend
refuse() {
  say "$1" "$2" >&2
  exit 3
}

at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$2" ]; }

# The first version number a program tells of itself.
version_of() { "$@" 2>/dev/null </dev/null | grep -oE '[0-9]+(\.[0-9]+)+' | head -n 1; }

# want NAME FOUND LEAST DANISH-MEND ENGLISH-MEND
want() {
  if [ -n "$2" ] && at_least "$2" "$3"; then return; fi
  refuse "$1 $3 eller nyere mangler (fandt ${2:-ingen}): $4." "$1 $3 or newer is missing (found ${2:-none}): $5."
}

check_tools() {
  local rust node free built
  rust=$(version_of rustc --version)
  if ! command -v cargo >/dev/null; then rust=''; fi
  want Rust "$rust" 1.90 'hent det på https://rustup.rs' 'get it from https://rustup.rs'
  if command -v npm >/dev/null; then node=$(version_of node --version); else node=''; fi
  want Node "$node" 20.19 'hent det på https://nodejs.org' 'get it from https://nodejs.org'
  # A missing Python is one of apt's packages; an old one is somebody's choice.
  if command -v python3 >/dev/null || ! command -v apt-get >/dev/null; then
    want Python "$(version_of python3 --version)" 3.11 'hent det på https://www.python.org' 'get it from https://www.python.org'
  fi
  free=$(df -Pk "$root" | awk 'NR == 2 { print int($4 / 1048576) }')
  built=$(du -sk target 2>/dev/null | awk '{ print int($1 / 1048576) }')
  if [ $((free + ${built:-0})) -lt 6 ]; then
    refuse "Der er $free GB ledig plads, og bygningen fylder 6 GB: gør plads, og prøv igen." "$free GB are free and the build takes 6 GB: make room and try again."
  fi
}

installed() { [ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null)" = 'ii ' ]; }
library() { pkg-config --exists "$1" 2>/dev/null || installed "$2"; }
compiles() { printf '#include <stdlib.h>\nint main(void) { return 0; }\n' | cc -xc - -o /dev/null 2>/dev/null; }
find_chromium() {
  local name
  for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
    if [ -n "$name" ] && command -v "$name"; then return; fi
  done
  return 1
}

# Debian's names of what is missing, for `build`, for `test` or for `full`.
missing_packages() {
  compiles || echo build-essential
  command -v pkg-config >/dev/null || echo pkg-config
  library openssl libssl-dev || echo libssl-dev
  library webkit2gtk-4.1 libwebkit2gtk-4.1-dev || echo libwebkit2gtk-4.1-dev
  command -v python3 >/dev/null || echo python3
  [ -e /etc/ssl/certs/ca-certificates.crt ] || [ -e /etc/pki/tls/certs/ca-bundle.crt ] || [ -e /etc/ssl/cert.pem ] || echo ca-certificates
  [ "$1" != build ] || return 0
  command -v git >/dev/null || echo git
  [ "$(command -v python3 || echo /usr/bin/python3)" != /usr/bin/python3 ] || python3 -c 'import venv, ensurepip' 2>/dev/null || echo python3-venv
  find_chromium >/dev/null || echo chromium
  command -v WebKitWebDriver >/dev/null || echo webkit2gtk-driver
  command -v Xvfb >/dev/null || echo xvfb
  command -v xauth >/dev/null || echo xauth
  command -v valgrind >/dev/null || echo valgrind
  [ "$1" = full ] || return 0
  command -v patch >/dev/null || echo patch
  command -v cmp >/dev/null || echo diffutils
}

# What only ./test --full asks: pinned, built without optimisation into target/tools, nothing outside the repository.
tools=(cargo-deny@0.20.2 cargo-cyclonedx@0.5.9)
# One that cannot be had stops nothing: its stage says so.
install_tools() {
  local each
  for each in "${tools[@]}"; do
    cargo install --list --root target/tools 2>/dev/null | grep -qxF "${each%@*} v${each#*@}:" && continue
    say "Bygger ${each%@*} ${each#*@} i target/tools (2–5 minutter)" "building ${each%@*} ${each#*@} in target/tools (2–5 minutes)"
    cargo install --quiet --debug --locked --root target/tools --target-dir target/tools/build "$each" </dev/null ||
      say "${each%@*} kunne ikke bygges." "${each%@*} could not be built." >&2
  done
  PATH=$root/target/tools/bin:$PATH
}

# Nothing missing: no network, no password.
install_missing() {
  [ "$1" != full ] || install_tools
  local names line
  mapfile -t names < <(missing_packages "$1")
  [ ${#names[@]} -gt 0 ] || return 0
  line="apt-get update && apt-get install -y --no-install-recommends ${names[*]}"
  if ! command -v apt-get >/dev/null; then
    refuse "Her mangler det, som Debian kalder ${names[*]}: hent det, og prøv igen." "What Debian calls ${names[*]} is missing: get it and try again."
  fi
  local as=()
  if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
      as=(sudo)
    else
      say "Her mangler pakker, som kun root kan hente. Kør denne linje som root, og prøv igen:" "packages are missing that only root can fetch; run this line as root and try again:" >&2
      echo "$line" >&2
      exit 3
    fi
  fi
  say "Henter ${#names[@]} pakker fra Debian: ${names[*]} (1–4 minutter)" "fetching packages from Debian (1–4 minutes)"
  "${as[@]}" env DEBIAN_FRONTEND=noninteractive sh -c '
    apt-get -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 update || echo "apt-get update failed; trying with what is known" >&2
    exec apt-get -q -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 install --no-install-recommends "$@"
  ' apt "${names[@]}" </dev/null || return 1
  mapfile -t names < <(missing_packages "$1")
  if [ ${#names[@]} -gt 0 ]; then
    say "Mangler stadig: ${names[*]}" "still missing: ${names[*]}" >&2
    return 1
  fi
  check_tools
}

# The command in a process group of its own, so that a signal to this script can take all of it along.
child=
run() {
  set -m
  "$@" </dev/null &
  child=$!
  set +m
  wait "$child"
  local code=$?
  child=
  return $code
}
stop() {
  trap '' INT TERM HUP
  if [ -n "$child" ]; then
    kill -TERM -- "-$child" 2>/dev/null
    wait "$child" 2>/dev/null
  fi
  exit "$1"
}
trap 'stop 130' INT
trap 'stop 143' TERM
trap 'stop 129' HUP

digest() { sha256sum | cut -d' ' -f1; }

# node_modules as package-lock.json says; nothing when it is so already.
npm_ready() {
  local stamp=ui/node_modules/.as-locked now
  now=$( { cat ui/package-lock.json; node --version; } | digest)
  if [ "$(cat "$stamp" 2>/dev/null)" = "$now" ]; then return 0; fi
  npm --prefix ui ci --no-audit --no-fund && echo "$now" >"$stamp"
}

# ui/dist of these sources; nothing when it is so already, since cargo builds again what holds a newer page.
ui_built() {
  local stamp=target/ui.built now
  now=$(find ui/src ui/public ui/index.html ui/package-lock.json ui/*.config.* ui/tsconfig.json -type f ! -name '*.test.ts' -exec sha256sum {} + 2>/dev/null | LC_ALL=C sort | digest)
  if [ -f ui/dist/index.html ] && [ "$(cat "$stamp" 2>/dev/null)" = "$now" ]; then return 0; fi
  npm --prefix ui run --silent build && echo "$now" >"$stamp"
}

# Both, one script at a time.
page_ready() {
  mkdir -p target && (flock 8 && npm_ready && ui_built) 8>target/ui.lock
}
