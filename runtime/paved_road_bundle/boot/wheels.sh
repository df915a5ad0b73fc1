#!/bin/bash
# wheels.sh PYTHON BUNDLE TARGET: installs what the agent imports from the bundle's wheels, whole or
# not at all. No index is asked, and nothing is taken but what the bundle's lock names.
set -euo pipefail

python=$1 bundle=$2 target=$3
[ ! -d "$target" ] || exit 0

mkdir -p "$(dirname "$target")"
half=$(mktemp -d "$target.XXXXXX")
trap 'rm -rf "$half"' EXIT

# pip runs from its own wheel, as ensurepip does it: the instance's Python has none.
pip=("$bundle"/wheels/pip-*.whl)
"$python" -S "${pip[0]}/pip" --isolated --quiet --no-cache-dir --disable-pip-version-check \
  install --no-index --no-deps --require-hashes --only-binary=:all: --root-user-action=ignore \
  --find-links "$bundle/wheels" --requirement "$bundle/wheels/agent.lock" --target "$half/python"

# Whoever comes second finds the first one's.
mv --no-target-directory "$half/python" "$target" 2>/dev/null || [ -d "$target" ]
