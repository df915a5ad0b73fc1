#!/bin/bash
# disk.sh DISKS OWNER: all of the instance's NVMe disks as one volume at /var/lib/paved-road, or failure.
# Runs at every boot. A disk is written to only if nothing at all is on it, and then all are blank.
set -euo pipefail

expected=$1 owner=$2
root=${PAVED_ROAD_ROOT:-}
place=$root/var/lib/paved-road
array=$root/dev/md/paved-road
report=$root/run/paved-road/disk.json
label=paved-road

# The agent starts no node without this boot's word on the disks.
rm --force "$report"

refuse() {
  echo "disk: this node does not start: $*" >&2
  exit 1
}

# By what EC2 calls them, so that an EBS volume is never taken for one. A second link ends in _1.
# https://docs.aws.amazon.com/ebs/latest/userguide/nvme-ebs-volumes.html
udevadm settle --timeout=30 || true
devices=()
for link in "$root"/dev/disk/by-id/nvme-Amazon_EC2_NVMe_Instance_Storage_*; do
  if [[ -e $link && ! $link =~ -part[0-9]+$ ]]; then
    devices+=("$(readlink --canonicalize "$link")")
  fi
done
((${#devices[@]})) || refuse "it has no instance store, and data never stands on anything else"
mapfile -t devices < <(printf '%s\n' "${devices[@]}" | sort --unique)
((${#devices[@]} == expected)) ||
  refuse "its instance type has $expected NVMe disks, and ${#devices[@]} are there: ${devices[*]}"

# Who was here before: nobody, one array of ours, or somebody else.
blank=() uuids=()
for device in "${devices[@]}"; do
  if facts=$(mdadm --examine --export "$device" 2>/dev/null); then
    name=$(sed -n 's/^MD_NAME=//p' <<<"$facts")
    [[ ${name##*:} == "$label" ]] || refuse "$device is part of an array that is not ours: $name"
    uuids+=("$(sed -n 's/^MD_UUID=//p' <<<"$facts")")
  else
    signatures=$(wipefs --no-act --noheadings --parsable "$device") || refuse "$device can't be read"
    [[ -z $signatures ]] || refuse "$device holds something that is not ours: $signatures"
    blank+=("$device")
  fi
done
mapfile -t uuids < <(printf '%s\n' "${uuids[@]}" | sort --unique)

if ((${#blank[@]} == expected)); then
  # One disk is an array too, so that there is one way; mdadm wants to be told that it is meant.
  force=()
  ((expected > 1)) || force=(--force)
  mdadm --create "$array" --metadata=1.2 --name="$label" --homehost=any --level=0 \
    --raid-devices="$expected" "${force[@]}" "${devices[@]}" </dev/null
  udevadm settle --timeout=30 || true
  mkfs.xfs -q -L "$label" "$array"
elif ((${#blank[@]} == 0 && ${#uuids[@]} == 1)); then
  # The system may have put it together already, under a name of its own.
  running=$(lsblk --noheadings --list --paths --output NAME,TYPE "${devices[0]}" |
    awk '$2 ~ /^raid/ { print $1; exit }')
  if [[ -n $running ]]; then
    array=$running
  else
    mdadm --assemble "$array" --uuid="${uuids[0]}" "${devices[@]}"
    udevadm settle --timeout=30 || true
  fi
else
  refuse "its disks are of different lives: blank are ${blank[*]:-none}, arrays are ${uuids[*]}"
fi

found=$(blkid --probe --output value --match-tag TYPE "$array" || true)
named=$(blkid --probe --output value --match-tag LABEL "$array" || true)
[[ $found == xfs && $named == "$label" ]] ||
  refuse "its array holds no filesystem of ours (type '$found', label '$named') and is not formatted again"

mkdir --parents "$place"
mounted=$(findmnt --noheadings --output SOURCE --mountpoint "$place" || true)
if [[ -z $mounted ]]; then
  # discard: a volume that no table lists is not trimmed by the system's timer.
  mount --types xfs --options noatime,nodev,nosuid,discard "$array" "$place"
elif [[ $(readlink --canonicalize "$mounted") != $(readlink --canonicalize "$array") ]]; then
  refuse "$mounted is mounted at $place, which is not its array"
fi
chown "$owner:$owner" "$place"
chmod 0750 "$place"

# 8 KiB: Cassandra reads few bytes at many places, and says so at its start.
# https://github.com/apache/cassandra/blob/cassandra-5.0/src/java/org/apache/cassandra/service/StartupChecks.java
for device in "${devices[@]}" "$array"; do
  blockdev --setra 16 "$device"
done

named=$(printf '"%s", ' "${devices[@]}")
echo "{\"devices\": [${named%, }], \"bytes\": $(blockdev --getsize64 "$array")}" >"$report.new"
mv "$report.new" "$report"
