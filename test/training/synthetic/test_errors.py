from __future__ import annotations

import subprocess
import sys

import pytest

from hdnet_ros.training.synthetic import SyntheticConfig, SyntheticError, SyntheticPeople
from hdnet_ros.training.synthetic.errors import optional
from hdnet_ros.training.synthetic.renderer import Renderer
from hdnet_ros.training.synthetic.textures import TextureBank


def test_an_absent_package_names_the_command_that_installs_it():
    with pytest.raises(SyntheticError, match='pip install anny'):
        optional('no_such_package_at_all')


def test_drawing_without_the_extra_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, 'moderngl', None)    # what an import of an absent package does
    with pytest.raises(SyntheticError, match='moderngl'):
        Renderer(TextureBank(None, []))


def test_without_assets_the_command_that_fetches_them_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv('HDNET_CACHE', str(tmp_path))
    with pytest.raises(SyntheticError, match='hdnet models fetch synthetic_makehuman'):
        SyntheticPeople(SyntheticConfig.load(), 1, 'train')


def test_an_unknown_split_is_refused(config):
    with pytest.raises(SyntheticError, match='train, validation, test'):
        SyntheticPeople(config, 1, 'training')


def test_importing_needs_no_optional_package():
    code = ('import sys; import hdnet_ros.training.synthetic, hdnet_ros.cli.synthesize; '
            'print([m for m in ("anny", "moderngl", "warp", "torch") if m in sys.modules])')
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == '[]'
