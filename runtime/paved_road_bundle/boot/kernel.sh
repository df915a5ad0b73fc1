#!/bin/bash
# kernel.sh: what Cassandra asks of a kernel. Runs at every boot; nothing of it is written to disk.
set -euo pipefail

here=$(dirname "$0")
root=${PAVED_ROAD_ROOT:-}

# A JVM that is swapped out looks dead to its peers.
# https://cassandra.apache.org/doc/5.0/cassandra/getting-started/production.html
swapoff --all
sysctl --quiet --load="$here/sysctl.conf"

set_to() { # FILE VALUE, where the kernel has such a file
  if [[ -e $root$1 ]]; then
    echo "$2" >"$root$1"
  fi
}

# Huge pages for who asks for them, and no pauses to make some.
# https://docs.datastax.com/en/dse/6.9/managing/configure/recommended-settings.html
set_to /sys/kernel/mm/transparent_hugepage/enabled madvise
set_to /sys/kernel/mm/transparent_hugepage/defrag never

# Where a processor's own counter can be trusted it costs no call into the kernel (x86; Graviton has
# one clock source only). https://repost.aws/knowledge-center/manage-ec2-linux-clock-source
clock=/sys/devices/system/clocksource/clocksource0
if grep --quiet --word-regexp tsc "$root$clock/available_clocksource" 2>/dev/null; then
  set_to "$clock/current_clocksource" tsc
fi

for queue in "$root"/sys/block/nvme*/queue/scheduler; do
  set_to "${queue#"$root"}" none
done
