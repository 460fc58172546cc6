# shellcheck shell=bash
# The Debian packages Patchbay needs, in this one place, and the one way to install them. Sourced
# by the other scripts of this folder; nothing is installed that is already there. Every test
# runs on Debian 12 (bookworm) and 13 (trixie), where the run-time libraries alone have other names.

debian_version() (
  VERSION_ID=
  # shellcheck source=/dev/null
  [[ ! -r /etc/os-release ]] || source /etc/os-release
  echo "$VERSION_ID"
)

# Prints the packages of a set: build, run, test, bench, test-on; `container` is what a built host
# runs with.
packages_of() {
  case $1 in
    build)
      echo g++ cmake ninja-build pkg-config ccache \
        libboost-dev libcpprest-dev libssl-dev zlib1g-dev libpqxx-dev libpq-dev libsqlite3-dev \
        libsqlitecpp-dev libspdlog-dev libsimdjson-dev nlohmann-json3-dev libcli11-dev \
        libtomlplusplus-dev libexpected-dev prometheus-cpp-dev
      ;;
    run) echo postgresql ;;
    test)
      echo libgtest-dev libgmock-dev librapidcheck-dev sqlite3 python3 chromium nodejs npm locales \
        ca-certificates abigail-tools curl patch
      ;;
    bench) echo libbenchmark-dev ;;
    test-on) echo debootstrap ;;
    container)
      case $(debian_version) in
        13) echo libpqxx-7.10 libspdlog1.15 libfmt10 libsimdjson25 libtomlplusplus3t64 ;;
        *) echo libpqxx-6.4 libspdlog1.10 libfmt9 libsimdjson14 libtomlplusplus3 ;;
      esac
      echo libcpprest2.10 libpq5 libsqlite3-0 libprometheus-cpp-core1.0 ca-certificates
      ;;
  esac
}

say() { printf '%s: %s\n' "${0##*/}" "$*"; }

stop() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

is_installed() {
  local name=$1
  case $name in
    # What others than Debian's own packages may have brought.
    nodejs) command -v node >/dev/null && return ;;
    npm | chromium | sqlite3 | python3) command -v "$name" >/dev/null && return ;;
    postgresql) compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null && return ;;
  esac
  grep -qx "$name installed" <<<"$installed_packages"
}

# Runs a command as root, by sudo where we are not root.
as_root() {
  if [[ $EUID == 0 ]]; then "$@"; else sudo "$@"; fi
}

run_apt() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=120 \
    -o Acquire::Retries=2 -o Acquire::http::Timeout=30 "$@" </dev/null
}

# Debian creates and starts a database with the server's programs; Patchbay makes its own and
# leaves the machine's alone. The setting stands only while the installation runs.
install_without_cluster() (
  folder=/etc/postgresql-common/createcluster.d
  file=$folder/zz-patchbay.conf
  trap 'as_root rm -f "$file"; as_root rmdir --ignore-fail-on-non-empty "$folder"' EXIT
  as_root mkdir -p "$folder" || exit
  echo 'create_main_cluster = false' | as_root tee "$file" || exit
  run_apt install --no-install-recommends "$@"
)

install_missing() {
  local log=$1
  shift
  # An unreachable third-party source must not stop us: what matters is the installation itself.
  run_apt update >"$log" 2>&1 || true
  if [[ " $* " == *" postgresql "* ]]; then
    install_without_cluster "$@" >>"$log" 2>&1
  else
    run_apt install --no-install-recommends "$@" >>"$log" 2>&1
  fi
}

# need_packages <set…>: installs what is missing of these sets; quick where nothing is.
need_packages() {
  [[ -z ${PATCHBAY_SKIP_PACKAGES:-} ]] || return 0
  local names=() more set
  for set in "$@"; do
    read -ra more <<<"$(packages_of "$set" | tr '\n' ' ')"
    names+=("${more[@]}")
  done
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    stop "this is not Debian, so packages cannot be installed here; install these yourself and" \
      "set PATCHBAY_SKIP_PACKAGES=1: ${names[*]}"
  fi

  local installed_packages name missing=()
  # shellcheck disable=SC2016 # the dollars are dpkg-query's
  installed_packages=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' 2>/dev/null)
  for name in "${names[@]}"; do
    is_installed "$name" || missing+=("$name")
  done
  if [[ ${#missing[@]} -gt 0 ]]; then install_or_stop "${missing[@]}"; fi
}

install_or_stop() {
  local command="apt-get install --no-install-recommends $*"
  if [[ $EUID != 0 ]] && ! { command -v sudo >/dev/null && sudo -v; }; then
    stop "packages are missing and we are neither root nor allowed sudo; run as root: $command"
  fi
  say "installing $# missing packages: $*"
  local log reason
  log=$(mktemp -t patchbay-packages.XXXXXX)
  if ! install_missing "$log" "$@"; then
    reason=$(grep -m1 '^E: ' "$log" || tail -n1 "$log")
    stop "could not install the packages (${reason#E: }; the whole log: $log); check the network" \
      "and that this is Debian 12 or 13, or run as root: $command"
  fi
  rm -f "$log"
}
