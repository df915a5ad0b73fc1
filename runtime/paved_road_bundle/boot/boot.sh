#!/bin/bash
# boot.sh BUNDLE: makes an Amazon Linux 2023 instance a node. Runs when its root volume is new: once in
# an instance's life, and again after each replacement of the root volume, which leaves the disks.
# What has to happen at every boot is in the units that it installs.
set -euo pipefail

bundle=$1
root=${PAVED_ROAD_ROOT:-}
here=$bundle/boot
owner=paved-road number=7100

fact() { # NAME, of what the node was told at birth
  python3.11 -I -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' \
    "$root/etc/paved-road/node.json" "$1"
}

# From the repository that the image locks, through the S3 gateway endpoint.
dnf --assumeyes --quiet --setopt=retries=10 install \
  amazon-cloudwatch-agent chrony java-17-amazon-corretto-headless logrotate mdadm xfsprogs

# Always the same number: the disks outlive the root volume that says whose files are whose.
if ! id "$owner" >/dev/null 2>&1; then
  groupadd --gid "$number" "$owner"
  useradd --uid "$number" --gid "$number" --no-create-home --home-dir /var/lib/paved-road \
    --shell /usr/sbin/nologin "$owner"
fi

wheels=$root/opt/paved-road/wheels/$(basename "$bundle")
bash "$here/wheels.sh" python3.11 "$bundle" "$wheels"
ln --symbolic --force --no-dereference "$bundle" "$root/opt/paved-road/bundle"
ln --symbolic --force --no-dereference "$wheels" "$root/opt/paved-road/python"

echo "PAVED_ROAD_DISKS=$(fact disks)" >"$root/etc/paved-road/machine.env"
install -D --mode=0644 "$here/tmpfiles.conf" "$root/etc/tmpfiles.d/paved-road.conf"
install -D --mode=0644 "$here/logrotate.conf" "$root/etc/logrotate.d/paved-road"
install -D --mode=0644 --target-directory="$root/etc/systemd/system" "$here"/*.service
systemd-tmpfiles --create "$root/etc/tmpfiles.d/paved-road.conf"

# A node whose logs nobody sees is better than none: it starts all the same.
agent=$root/opt/aws/amazon-cloudwatch-agent
sed "s|@LOG_GROUP@|$(fact log_group)|" "$here/cloudwatch.json" |
  install -D --mode=0644 /dev/stdin "$agent/etc/paved-road.json"
"$agent/bin/amazon-cloudwatch-agent-ctl" -a fetch-config -m ec2 -s -c "file:$agent/etc/paved-road.json" ||
  echo "boot: logs are not shipped" >&2

systemctl daemon-reload
systemctl enable --now paved-road-machine.service paved-road-supervisor.service paved-road-agent.service
