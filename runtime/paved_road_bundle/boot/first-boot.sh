#!/bin/bash
# first-boot.sh REGION BUCKET PARAMETER: gives an empty root volume the bundle that the ring wants,
# verified, and lets that do the rest. The parameter names the bundle and its manifest's checksum.
# Nothing from the archive runs before it is what the manifest names, and the manifest before it has
# that checksum. A root volume that has a bundle keeps it.
set -euo pipefail

region=$1 bucket=$2 parameter=$3
home=${PAVED_ROAD_ROOT:-}/opt/paved-road
attempts=60 pause=30 # half an hour, which is as long as a group waits for a silent instance

if [ -d "$home/bundle" ]; then
  bundle=$(readlink --canonicalize "$home/bundle")
  exec bash "$bundle/boot/boot.sh" "$bundle"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

wanted() { # NAME, of what the parameter says
  python3.11 -I -c 'import json, sys; print(json.load(open("wanted"))[sys.argv[1]])' "$1"
}

fetch() {
  # Asked each time: what could not be had may have been deployed anew meanwhile.
  aws ssm get-parameter --region "$region" --name "$parameter" --query Parameter.Value \
    --output text >wanted &&
    key=$(wanted key) &&
    sha256=$(wanted sha256) &&
    AWS_MAX_ATTEMPTS=10 aws s3 cp --only-show-errors --region "$region" \
      "s3://$bucket/$key" bundle.tar &&
    tar --extract --to-stdout --file bundle.tar manifest.json >named &&
    sha256sum --check --strict --quiet <<<"$sha256  named" &&
    installer=$(python3.11 -I -c 'import json; print(json.load(open("named"))["files"]["install.py"])') &&
    tar --extract --to-stdout --file bundle.tar install.py >installer &&
    sha256sum --check --strict --quiet <<<"$installer  installer" &&
    bundle=$(python3.11 -I installer bundle.tar "$sha256" "$home/software")
}

# Packages come through the S3 gateway endpoint; the image locks their versions.
# https://docs.aws.amazon.com/linux/al2023/ug/deterministic-upgrades.html
dnf --assumeyes --quiet --setopt=retries=10 install python3.11

for attempt in $(seq "$attempts"); do
  if fetch; then
    rm bundle.tar
    bash "$bundle/boot/boot.sh" "$bundle"
    exit
  fi
  echo "first-boot: attempt $attempt of $attempts to get what $parameter names has failed" >&2
  sleep "$pause"
done
echo "first-boot: this node does not start, see above" >&2
exit 1
