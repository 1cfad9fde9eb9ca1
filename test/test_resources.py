from __future__ import annotations

from pathlib import Path

import pytest

from hdnet_ros.resources import share_folder


def test_source_tree():
    root = Path(__file__).parents[1]
    assert share_folder('models', start=root / 'hdnet_ros' / 'resources.py') == root / 'models'
    assert (share_folder('models') / 'manifest.yaml').is_file()   # of the source tree or of what is installed


@pytest.mark.parametrize('clone', ['hdnet_ros', 'somewhere'])
def test_source_tree_of_any_name(tmp_path, clone):
    root = tmp_path / clone
    for folder in ('hdnet_ros/perception', 'config'):
        (root / folder).mkdir(parents=True)
    (root / 'package.xml').touch()
    assert share_folder('config', start=root / 'hdnet_ros' / 'perception' / 'module.py') == root / 'config'


@pytest.mark.parametrize('modules', ['lib/python3.12/site-packages', 'local/lib/python3.10/dist-packages'])
def test_install_prefix(tmp_path, modules):
    share = tmp_path / 'share' / 'hdnet_ros' / 'launch'
    share.mkdir(parents=True)
    package = tmp_path / modules / 'hdnet_ros'
    package.mkdir(parents=True)
    (package.parent / 'launch').mkdir()    # of some other package: not ours
    assert share_folder('launch', start=package / 'resources.py') == share


def test_missing_folder_names_the_places(tmp_path):
    start = tmp_path / 'lib' / 'hdnet_ros' / 'resources.py'
    with pytest.raises(FileNotFoundError, match="'nothing_like_it'") as error:
        share_folder('nothing_like_it', start=start)
    assert str(tmp_path / 'share' / 'hdnet_ros' / 'nothing_like_it') in str(error.value)
