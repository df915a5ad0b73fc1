"""A machine for boot scripts: a root folder, and system commands that act on a written-down state.

Every command is this file under another name. What they refuse is what the real ones refuse; what
they do to disks, arrays and file systems is kept in `state.json`, so that a second boot finds it.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMMANDS = (
    "amazon-cloudwatch-agent-ctl", "aws", "blkid", "blockdev", "chown", "dnf", "findmnt",
    "groupadd", "id", "lsblk", "mdadm", "mkfs.xfs", "mount", "sleep", "swapoff", "sysctl",
    "systemctl", "systemd-tmpfiles", "udevadm", "useradd", "wipefs",
)  # fmt: skip
STATE = "FAKE_MACHINE"
BYTES = 3_750_000_000_000
BOOT = Path(__file__).parents[2] / "runtime" / "paved_road_bundle" / "boot"
BY_ID = "dev/disk/by-id"
INSTANCE_STORE = "nvme-Amazon_EC2_NVMe_Instance_Storage_AWS"


@dataclass(frozen=True)
class Machine:
    """One machine: `root` is its file system, `state` what its block devices hold."""

    folder: Path

    @property
    def root(self) -> Path:
        return self.folder / "root"

    @property
    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "state.json").read_text())
        return found

    def change(self, **facts: Any) -> None:
        (self.folder / "state.json").write_text(json.dumps(self.state | facts))

    @property
    def calls(self) -> list[list[str]]:
        return list(self.state["calls"])

    def called(self, name: str) -> list[list[str]]:
        return [call[1:] for call in self.calls if call[0] == name]

    @classmethod
    def with_disks(cls, folder: Path, disks: int) -> "Machine":
        """New, with as many blank NVMe disks, two names for each, and an EBS volume beside them."""
        machine = cls(folder)
        (machine.root / BY_ID).mkdir(parents=True)
        for number in range(disks):
            device = machine.device(number)
            device.write_bytes(b"")
            for suffix in ("", "_1", "_1-part1"):
                link = machine.root / BY_ID / f"{INSTANCE_STORE}{number}{suffix}"
                if "part" not in suffix:
                    link.symlink_to(device)
        ebs = machine.root / "dev/nvme0n1"
        ebs.write_bytes(b"")
        (machine.root / BY_ID / "nvme-Amazon_Elastic_Block_Store_vol0").symlink_to(ebs)
        bin_folder = folder / "bin"
        bin_folder.mkdir()
        for name in COMMANDS:
            (bin_folder / name).write_text(f"#!{sys.executable} -S\n" + Path(__file__).read_text())
            (bin_folder / name).chmod(0o755)
        (bin_folder / "python3.11").symlink_to(sys.executable)
        agent = machine.root / "opt/aws/amazon-cloudwatch-agent/bin"
        agent.mkdir(parents=True)
        (machine.root / "run/paved-road").mkdir(parents=True)
        (agent / COMMANDS[0]).symlink_to(bin_folder / COMMANDS[0])
        state: dict[str, Any] = {"signatures": {}, "arrays": {}, "mounts": {}, "calls": []}
        (folder / "state.json").write_text(json.dumps(state))
        return machine

    def device(self, number: int) -> Path:
        return self.root / f"dev/nvme{number + 1}n1"

    def run(
        self, script: Path, *arguments: str, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        path = f"{self.folder / 'bin'}:{os.environ['PATH']}"
        own = {"PATH": path, "PAVED_ROAD_ROOT": str(self.root), STATE: str(self.folder)}
        return subprocess.run(
            ["bash", str(script), *arguments],
            env=own | environment,
            capture_output=True,
            text=True,
            timeout=120,
            stdin=subprocess.DEVNULL,
            check=False,
        )

    def reboot(self, *, assembled_as: str | None = None) -> None:
        """Mounts and arrays are gone; the system may put arrays together under its own name."""
        arrays = {}
        if assembled_as:
            for facts in self.state["arrays"].values():
                (self.root / assembled_as.lstrip("/")).write_bytes(b"")
                arrays[str(self.root / assembled_as.lstrip("/"))] = facts
        stopped = {**self.state.get("stopped", {}), **self.state["arrays"]}
        self.change(mounts={}, arrays=arrays, stopped=stopped, calls=[])
        for file in (self.root / "run/paved-road").iterdir():
            file.unlink()


def _examine(state: dict[str, Any], device: str) -> int:
    held = state["signatures"].get(device)
    if not isinstance(held, dict):
        return 1
    sys.stdout.write(f"MD_LEVEL=raid0\nMD_NAME={held['name']}\nMD_UUID={held['uuid']}\n")
    return 0


def _create(state: dict[str, Any], arguments: Sequence[str]) -> int:
    options = dict(one[2:].partition("=")[::2] for one in arguments if one.startswith("--"))
    array, *devices = [one for one in arguments if not one.startswith("--")]
    if any(device in state["signatures"] for device in devices):
        sys.stderr.write("Continue creating array? \n")
        return 1
    if len(devices) != int(options["raid-devices"]) or (
        len(devices) == 1 and "force" not in options
    ):
        return 2
    name = f"{options['homehost']}:{options['name']}"
    facts = {"members": devices, "uuid": "one:two", "type": "", "label": ""}
    for device in devices:
        state["signatures"][device] = {"name": name, "uuid": facts["uuid"]}
    _put_together(state, array, facts)
    return 0


def _assemble(state: dict[str, Any], arguments: Sequence[str]) -> int:
    array, *devices = [one for one in arguments if not one.startswith("--")]
    for facts in state.get("stopped", {}).values():
        if sorted(facts["members"]) == sorted(devices) and f"--uuid={facts['uuid']}" in arguments:
            _put_together(state, array, facts)
            return 0
    return 1


def _put_together(state: dict[str, Any], array: str, facts: Mapping[str, Any]) -> None:
    Path(array).parent.mkdir(parents=True, exist_ok=True)
    Path(array).write_bytes(b"")
    state["arrays"][array] = facts


def _mkfs(state: dict[str, Any], arguments: Sequence[str]) -> int:
    array = state["arrays"][arguments[-1]]
    if array["type"]:
        sys.stderr.write("appears to contain an existing filesystem\n")
        return 1
    array.update(type="xfs", label=arguments[arguments.index("-L") + 1])
    return 0


def _mdadm(state: dict[str, Any], arguments: list[str]) -> int:
    if arguments[0] == "--examine":
        return _examine(state, arguments[-1])
    return (_create if arguments[0] == "--create" else _assemble)(state, arguments[1:])


def _blkid(state: dict[str, Any], arguments: list[str]) -> int:
    tag = arguments[arguments.index("--match-tag") + 1].lower()
    return _say(state["arrays"][arguments[-1]][tag], otherwise=2)


def _wipefs(state: dict[str, Any], arguments: list[str]) -> int:
    _say(state["signatures"].get(arguments[-1], ""))
    return 0


def _lsblk(state: dict[str, Any], arguments: list[str]) -> int:
    holders = [one for one, facts in state["arrays"].items() if arguments[-1] in facts["members"]]
    return _say("\n".join([f"{arguments[-1]} disk", *(f"{one} raid0" for one in holders)]))


def _blockdev(_: dict[str, Any], arguments: list[str]) -> int:
    return _say(BYTES if arguments[0] == "--getsize64" else "")


def _findmnt(state: dict[str, Any], arguments: list[str]) -> int:
    return _say(state["mounts"].get(arguments[-1], ""), otherwise=1)


def _mount(state: dict[str, Any], arguments: list[str]) -> int:
    state["mounts"][arguments[-1]] = arguments[-2]
    return 0


def _id(state: dict[str, Any], arguments: list[str]) -> int:
    return 0 if ["groupadd", "--gid", "7100", arguments[-1]] in state["calls"] else 1


def _aws(state: dict[str, Any], arguments: list[str]) -> int:
    if arguments[0] == "s3":
        Path(arguments[-1]).write_bytes(Path(os.environ["FAKE_BUCKET"]).read_bytes())
        return 0
    if state.get("unreadable", 0) > 0:
        state["unreadable"] -= 1
        sys.stderr.write("Could not connect to the endpoint URL\n")
        return 255
    return _say(os.environ["FAKE_PARAMETER"])


def _say(text: object, otherwise: int = 0) -> int:
    sys.stdout.write(f"{text}\n" if text else "")
    return 0 if text else otherwise


ANSWERS = {
    "aws": _aws,
    "blkid": _blkid,
    "blockdev": _blockdev,
    "findmnt": _findmnt,
    "id": _id,
    "lsblk": _lsblk,
    "mdadm": _mdadm,
    "mkfs.xfs": _mkfs,
    "mount": _mount,
    "wipefs": _wipefs,
}
"""The others are only noted."""


def main() -> int:
    name, arguments = Path(sys.argv[0]).name, sys.argv[1:]
    file = Path(os.environ[STATE]) / "state.json"
    state = json.loads(file.read_text())
    code = 1 if name in state.get("failing", ()) else 0
    if not code and name in ANSWERS:
        code = ANSWERS[name](state, arguments)
    state["calls"].append([name, *arguments])
    file.write_text(json.dumps(state))
    return code


if __name__ == "__main__":
    sys.exit(main())
