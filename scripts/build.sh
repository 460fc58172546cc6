# shellcheck shell=bash
# Configuring and building a preset of CMakePresets.json; sourced by the other scripts.

# build_preset <preset> <folder> [cmake argument…]: brings build/<folder> up to date. Configures
# only the first time and when the presets changed: the rest Ninja finds out by itself.
build_preset() {
  local preset=$1 folder=build/$2
  shift 2
  if [[ ! -e $folder/build.ninja || CMakePresets.json -nt $folder/build.ninja ]]; then
    say "configuring $folder"
    cmake --preset "$preset" -B "$folder" "$@" >/dev/null || return
    touch "$folder/build.ninja"
  fi
  # With ccache another clone of the same sources need not be compiled again.
  # shellcheck disable=SC2154 # `root` is set by the script that sources this
  export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=true
  say "building $folder (the first time takes some minutes)"
  cmake --build "$folder" -j "$(nproc)"
}
