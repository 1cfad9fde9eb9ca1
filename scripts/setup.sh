# Makes the virtual environment .venv with everything that the demo and the tests need.
#
# Sourced by demo.sh and test.sh, which then call `set_up demo` or `set_up test` from the project's folder.
# Each step leaves a stamp with a hash of what it was made from, and is skipped while that hash is the same.
# PYTHON=python3.12 chooses the interpreter.

VENV="$PWD/.venv"
STAMPS="$VENV/.setup"

say() { printf '\033[1m%s\033[0m\n' "$*"; }
fail() { printf 'Error: %s\n' "$*" >&2; exit 1; }

# A sourced ROS 2, another virtual environment or pip's own configuration must not leak into ours.
isolate() {
    if [ -n "${ROS_DISTRO:-}" ]; then
        echo "ROS 2 $ROS_DISTRO is sourced here; this runs on its own copy of ROS 2 from PyPI and leaves yours alone."
    fi
    # The libraries of another ROS 2 would be mixed with ours.
    if [ -n "${ROS_DISTRO:-}${_ROS_WHEELS_BOOTSTRAP_COMPLETE:-}" ]; then unset LD_LIBRARY_PATH; fi
    unset ROS_DISTRO ROS_VERSION ROS_PYTHON_VERSION ROS_LOCALHOST_ONLY ROS_DISCOVERY_SERVER ROS_STATIC_PEERS
    unset RMW_IMPLEMENTATION
    unset PYTHONPATH PYTHONHOME AMENT_PREFIX_PATH CMAKE_PREFIX_PATH COLCON_PREFIX_PATH _ROS_WHEELS_BOOTSTRAP_COMPLETE
    unset PIP_TARGET PIP_PREFIX PIP_CONSTRAINT PIP_REQUIRE_VIRTUALENV
    export PIP_USER=0 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONNOUSERSITE=1
    export VIRTUAL_ENV="$VENV" AMENT_PREFIX_PATH="$VENV" CMAKE_PREFIX_PATH="$VENV"
}

# The interpreter that the virtual environment is made of: $PYTHON, else the first one that serves.
# Inside another virtual environment the one behind it, whose header files can be found.
# Where none serves: what the first one lacks, and exit code 1.
choose_python() {
    local candidate base report lacking='' candidates=(python3 python3.12 python3.11 python3.13 python3.10)
    if [ -n "${PYTHON:-}" ]; then candidates=("$PYTHON"); fi
    for candidate in "${candidates[@]}"; do
        base="$("$candidate" -c 'import sys; print(getattr(sys, "_base_executable", sys.executable))' 2> /dev/null)" \
            || continue
        if report="$("$base" scripts/check_python.py)"; then echo "$base"; return; fi
        lacking="${lacking:-$report}"
    done
    if [ -z "$lacking" ] && [ -n "${PYTHON:-}" ]; then fail "PYTHON=$PYTHON cannot be run"; fi
    printf '%s\n' "${lacking:-$'Python 3.10 to 3.13\tpython3 python3-venv python3-dev'}"
    return 1
}

find_compiler() {
    local name
    for name in ${CXX:+"$CXX"} c++ g++ clang++; do command -v "$name" > /dev/null && return; done
    return 1
}

# Stop, and name everything that is missing at once.
check_machine() {
    local lacking='' things packages
    if ! BASE_PYTHON="$(choose_python)"; then
        lacking="$BASE_PYTHON"
        [ -n "$lacking" ] || exit 1
    fi
    find_compiler || lacking="$lacking${lacking:+$'\n'}"$'a C++ compiler\tg++'
    [ -n "$lacking" ] || return 0
    things="$(cut -f1 <<< "$lacking" | sed 's/^/  - /')"
    packages="$(cut -f2 <<< "$lacking" | sort -u | tr '\n' ' ')"
    printf 'Error: this machine lacks:\n%s\n' "$things" >&2
    if [ -n "${packages// /}" ] && command -v apt-get > /dev/null; then
        printf 'Install it with:\n  sudo apt install %s\n' "$packages" >&2
    fi
    exit 1
}

# One hash of the contents of files and folders (build products left out).
hash_of() {
    find "$@" -type d \( -name build -o -name __pycache__ -o -name '*.egg-info' \) -prune -o -type f -print0 \
        | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1
}

is_done() { [ "$(cat "$STAMPS/$1" 2> /dev/null)" = "$2" ]; }
mark_done() { echo "$2" > "$STAMPS/$1"; }

# pip with its chatter in a log: downloads are shown, and the end of the log when it fails.
# Stopped while it writes, pip leaves half a package behind: the mark makes the next run start afresh.
pip_install() {
    local log="$STAMPS/pip.log"
    touch "$STAMPS/unfinished"
    if ! "$VENV/bin/python" -m pip install --no-input --progress-bar off "$@" 2>&1 | tee "$log" \
        | { grep --line-buffered -E '^ *Downloading .* (MB|GB)' || true; }
    then
        rm -f "$STAMPS/unfinished"
        grep -v '^WARNING' "$log" | tail -n 25 >&2
        fail "pip failed; all it said is in $log"
    fi
    rm -f "$STAMPS/unfinished"
}

venv_works() {
    is_done venv "$VENV" && [ ! -e "$STAMPS/unfinished" ] && "$VENV/bin/python" -c 'import pip' 2> /dev/null
}

full_version() { "$1" -c 'import sys; print(sys.version)'; }

make_venv() {
    if [ -z "${PYTHON:-}" ] && venv_works; then return; fi
    check_machine
    if venv_works && [ "$(full_version "$VENV/bin/python")" = "$(full_version "$BASE_PYTHON")" ]; then return; fi
    if [ -e "$VENV" ] && [ ! -e "$STAMPS" ]; then
        fail "$VENV was not made by this script; move it away and try again"
    fi
    say "Making the virtual environment .venv with $("$BASE_PYTHON" --version)"
    rm -rf "$VENV"
    mkdir -p "$STAMPS"
    "$BASE_PYTHON" -m venv "$VENV"
    mark_done venv "$VENV"   # the path, because a virtual environment does not survive a move
}

install_packages() {
    local files=() name hash
    for name in "$@"; do files+=("scripts/requirements/$name.txt"); done
    hash="$(hash_of "${files[@]}" scripts/requirements/constraints.txt)"
    is_done "packages-$1" "$hash" && return
    say "Installing Python packages ($*): 1 to 5 minutes the first time"
    local requirements=() file
    for file in "${files[@]}"; do requirements+=(-r "$file"); done
    pip_install "${requirements[@]}" -c scripts/requirements/constraints.txt
    mark_done "packages-$1" "$hash"
}

install_project() {
    local hash
    hash="$(hash_of standalone scripts/requirements/ros.txt scripts/requirements/build.txt)"
    if ! is_done standalone "$hash"; then
        say 'Building the stand-ins for ROS 2 packages that PyPI lacks: about 1 minute'
        pip_install --no-deps --no-build-isolation --force-reinstall ./standalone
        mark_done standalone "$hash"
    fi
    hash="$(hash_of msg cmake CMakeLists.txt setup.py package.xml pyproject.toml \
        scripts/requirements/ros.txt scripts/requirements/build.txt)"
    if ! is_done hdnet_ros "$hash"; then
        say 'Building the messages of hdnet_ros: about 1 minute'
        pip_install --no-deps --no-build-isolation --editable .
        mark_done hdnet_ros "$hash"
    fi
}

fetch_models() {
    local models=(ssd_mobilenet_v2 blazepose_full pose2sim_footage) hdnet=("$VENV/bin/python" -m hdnet_ros.cli.main)
    "${hdnet[@]}" models verify "${models[@]}" > /dev/null 2>&1 && return
    say 'Fetching the models and the sample footage (160 MB): about 1 minute'
    "${hdnet[@]}" models fetch "${models[@]}"
}

# set_up demo|test
set_up() {
    trap 'echo "stopped" >&2; exit 130' INT TERM
    exec 9< scripts/setup.sh
    if command -v flock > /dev/null; then flock 9; fi   # two terminals at once: the second waits for the first
    isolate
    make_venv
    export PATH="$VENV/bin:$PATH"
    install_packages run ros build
    if [ "$1" = test ]; then install_packages test; fi
    install_project
    fetch_models
    exec 9<&-
    trap - INT TERM
}
