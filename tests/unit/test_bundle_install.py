"""What an instance does with an archive: whole and verified, or nothing at all."""

import hashlib
import io
import json
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import paved_road_bundle.install as installer
from paved_road_bundle.install import InstallError, install

FILES = {"lib/a.jar": b"jar", "agent/a/__init__.py": b"code"}


def archive(
    folder: Path,
    files: Mapping[str, bytes] = FILES,
    *,
    manifest: object = None,
    link: str | None = None,
    twice: str | None = None,
) -> tuple[Path, str]:
    """An archive with these files, a right manifest by default, and the manifest's checksum."""
    digests = {name: hashlib.sha256(body).hexdigest() for name, body in files.items()}
    told = json.dumps({"format": 2, "files": digests} if manifest is None else manifest).encode()
    members = [("manifest.json", told), *files.items()]
    members += [(twice, files[twice])] if twice else []
    path = folder / "bundle.tar"
    with tarfile.open(path, "w:") as tar:
        for name, body in members:
            member = tarfile.TarInfo(name)
            member.size = len(body)
            tar.addfile(member, io.BytesIO(body))
        if link:
            member = tarfile.TarInfo("lib/link.jar")
            member.type, member.linkname = tarfile.SYMTYPE, link
            tar.addfile(member)
    return path, hashlib.sha256(told).hexdigest()


def test_it_stands_in_a_folder_named_after_its_checksum(tmp_path: Path) -> None:
    path, digest = archive(tmp_path)
    folder = install(path, digest, tmp_path / "software")
    assert folder == tmp_path / "software" / digest
    assert {name: (folder / name).read_bytes() for name in FILES} == FILES
    assert [one.name for one in folder.parent.iterdir()] == [digest]


def test_a_second_time_does_not_need_the_archive(tmp_path: Path) -> None:
    path, digest = archive(tmp_path)
    folder = install(path, digest, tmp_path / "software")
    path.unlink()
    (folder / "agent/a/__pycache__").mkdir()
    (folder / "agent/a/__pycache__/x.pyc").write_bytes(b"compiled since")
    assert install(path, digest, tmp_path / "software") == folder


def test_another_bundle_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    path, digest = archive(tmp_path)
    wrong = "0" * 64
    told = f"bundle.tar is another bundle: expected a manifest with sha256 {wrong}, found {digest}"
    with pytest.raises(InstallError, match=told):
        install(path, wrong, tmp_path / "software")
    assert list((tmp_path / "software").iterdir()) == []


def test_a_file_that_is_not_what_the_manifest_names_is_refused(tmp_path: Path) -> None:
    path, digest = archive(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"\0jar", b"\0rot"))
    with pytest.raises(InstallError, match=r"lib/a.jar is not what the manifest names"):
        install(path, digest, tmp_path / "software")
    assert list((tmp_path / "software").iterdir()) == []


def test_an_archive_that_breaks_off_is_refused(tmp_path: Path) -> None:
    path, digest = archive(tmp_path, {**FILES, "z": bytes(100_000)})
    path.write_bytes(path.read_bytes()[:50_000])
    with pytest.raises(InstallError):
        install(path, digest, tmp_path / "software")
    path.write_bytes(b"<Error>not found</Error>" * 100)
    with pytest.raises(InstallError, match="is no archive"):
        install(path, digest, tmp_path / "software")
    assert list((tmp_path / "software").iterdir()) == []


@pytest.mark.parametrize("sha256", ["", "../../etc", "A" * 64, "0" * 63])
def test_what_is_no_checksum_is_refused(tmp_path: Path, sha256: str) -> None:
    with pytest.raises(InstallError, match="is no SHA-256"):
        install(tmp_path / "none", sha256, tmp_path)


@pytest.mark.parametrize("name", ["../evil", "lib/../../evil", "/tmp/evil", "lib/../a.jar"])  # noqa: S108
def test_a_path_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    path, digest = archive(tmp_path, {**FILES, name: b"evil"})
    with pytest.raises(InstallError, match="no plain file inside the bundle"):
        install(path, digest, tmp_path / "software")
    assert list((tmp_path / "software").iterdir()) == []
    assert not (tmp_path / "evil").exists()


def test_a_link_is_refused(tmp_path: Path) -> None:
    path, digest = archive(tmp_path, link="/etc/passwd")
    with pytest.raises(InstallError, match=r"lib/link.jar' is no plain file"):
        install(path, digest, tmp_path / "software")


@pytest.mark.parametrize(
    ("manifest", "told"),
    [
        ({"format": 2, "files": {}}, "lib/a.jar' is not in the manifest"),
        ({"format": 3, "files": {}}, "knows bundles of format 2, not 3"),
        ({"format": 2, "files": dict.fromkeys(FILES, "0" * 64)}, "expected sha256 0"),
    ],
)
def test_files_other_than_the_manifest_says_are_refused(
    tmp_path: Path, manifest: object, told: str
) -> None:
    path, digest = archive(tmp_path, manifest=manifest)
    with pytest.raises(InstallError, match=told):
        install(path, digest, tmp_path / "software")
    assert list((tmp_path / "software").iterdir()) == []


def test_a_file_that_is_missing_or_comes_twice_is_refused(tmp_path: Path) -> None:
    digests = {name: hashlib.sha256(body).hexdigest() for name, body in FILES.items()}
    more = {"format": 2, "files": {**digests, "lib/b.jar": ""}}
    path, digest = archive(tmp_path, manifest=more)
    with pytest.raises(InstallError, match=r"lib/b.jar is missing"):
        install(path, digest, tmp_path / "software")
    path, digest = archive(tmp_path, twice="lib/a.jar")
    with pytest.raises(InstallError, match=r"lib/a.jar' is not in the manifest or comes twice"):
        install(path, digest, tmp_path / "software")
    assert list((tmp_path / "software").iterdir()) == []


def test_damage_after_the_installation_is_found(tmp_path: Path) -> None:
    path, digest = archive(tmp_path)
    folder = install(path, digest, tmp_path)
    (folder / "lib/a.jar").write_bytes(b"other")
    with pytest.raises(InstallError, match=r"lib/a.jar is damaged.*remove the folder"):
        install(path, digest, tmp_path)
    (folder / "manifest.json").write_text("{}")
    with pytest.raises(InstallError, match="is another bundle"):
        install(path, digest, tmp_path)


def test_many_at_once_install_once(tmp_path: Path) -> None:
    path, digest = archive(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        folders = set(pool.map(lambda _: install(path, digest, tmp_path / "software"), range(16)))
    assert folders == {tmp_path / "software" / digest}
    assert [one.name for one in (tmp_path / "software").iterdir()] == [digest]


def test_the_installer_runs_alone_on_a_bare_python(tmp_path: Path) -> None:
    path, digest = archive(tmp_path)
    alone = tmp_path / "install.py"
    alone.write_text(Path(installer.__file__).read_text())

    def run(checksum: str) -> subprocess.CompletedProcess[str]:
        # -I and -S: no site-packages, nothing of this checkout on the path.
        command = [sys.executable, "-I", "-S", str(alone), str(path), checksum]
        command.append(str(tmp_path / "software"))
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    done = run(digest)
    assert (done.returncode, done.stdout) == (0, f"{tmp_path / 'software' / digest}\n")
    refused = run("0" * 64)
    assert refused.returncode == 1
    assert refused.stderr.startswith("install: bundle.tar is another bundle")
