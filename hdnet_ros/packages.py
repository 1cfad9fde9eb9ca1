"""Downloads one package through its registry's own client and opens its archive, without installing anything."""
from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from hdnet_ros.wheels import WheelError, download_wheel

# What users call the registries.
REGISTRIES = {'pypi': 'PyPI', 'npm': 'npm', 'debian': 'apt'}
_INSTALL = {'npm': 'sudo apt install npm', 'apt-get': 'use Debian or Ubuntu', 'dpkg-deb': 'sudo apt install dpkg'}
_ERROR_LINES = 4


class PackageError(WheelError):
    """A registry's client is absent or failed; the message holds its last words."""


def download_package(registry: str, package: str, version: str, folder: Path, wheel: Mapping[str, str] | None = None,
                     show_progress: bool = False) -> Path:
    """Download one package into an empty folder; the path of its archive.

    registry: 'pypi', 'npm' or 'debian' (also Ubuntu; there the newest version is taken, whatever ``version`` says).
    Raises PackageError or WheelError.
    """
    if registry == 'pypi':
        return download_wheel(package, version, folder, wheel, show_progress)
    if registry == 'npm':
        _run(['npm', 'pack', '--loglevel=error', '--pack-destination', str(folder), f'{package}@{version}'], folder)
    else:
        _run(['apt-get', 'download', '-qq', package], folder)
    found = sorted(path for path in folder.iterdir() if path.suffix in ('.tgz', '.deb'))
    if len(found) != 1:
        raise PackageError(f'the {REGISTRIES[registry]} client reported success but left {len(found)} archives')
    return found[0]


def open_archive(path: Path) -> zipfile.ZipFile | _Tar:
    """A wheel, npm or Debian archive: a context manager whose ``open(member)`` raises KeyError for unknown members."""
    if path.suffix == '.deb':
        tar = _run(['dpkg-deb', '--fsys-tarfile', str(path)], path.parent)
        return _Tar(tarfile.open(fileobj=io.BytesIO(tar)), prefix='./')
    return _Tar(tarfile.open(path)) if path.suffix == '.tgz' else zipfile.ZipFile(path)


class _Tar:
    """A tar file with the part of ZipFile's interface that is needed here."""

    def __init__(self, tar: tarfile.TarFile, prefix: str = '') -> None:
        self._tar, self._prefix = tar, prefix

    def __enter__(self) -> _Tar:
        return self

    def __exit__(self, *_: object) -> None:
        self._tar.close()

    def open(self, member: str):
        """A member's content as a file object."""
        content = self._tar.extractfile(self._prefix + member)
        if content is None:
            raise KeyError(member)
        return content


def _run(command: list[str], folder: Path) -> bytes:
    if shutil.which(command[0]) is None:
        raise PackageError(f'{command[0]} is not installed: {_INSTALL[command[0]]}')
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True)
    if done.returncode != 0:
        lines = [line.strip() for line in done.stderr.decode(errors='replace').splitlines() if line.strip()]
        words = '\n'.join(f'  {line[:300]}' for line in lines[-_ERROR_LINES:])
        raise PackageError(f'{" ".join(command[:2])} failed:\n{words}')
    return done.stdout
