"""Which systems to run, as users write it."""
from __future__ import annotations

import argparse

import pytest

from hdnet_ros.cli.pipeline_arguments import SettingsError
from hdnet_ros.cli.system_arguments import (
    SystemChoice,
    add_system_arguments,
    chosen_lifter,
    chosen_systems,
    file_name,
)
from hdnet_ros.evaluation.people_table import PredictionError
from hdnet_ros.evaluation.systems.constant import ConstantLocator
from hdnet_ros.evaluation.systems.system import System


def parsed(*arguments):
    parser = argparse.ArgumentParser()
    add_system_arguments(parser)
    return parser.parse_args(arguments)


@pytest.mark.parametrize(('text', 'expected'), [
    ('geometric_all', ('geometric_all', 'geometric_all', '')), ('constant=3.5', ('constant', 'constant', '3.5')),
    ('mine:hdnet=a/b=c.safetensors', ('mine', 'hdnet', 'a/b=c.safetensors')), ('x:box_size', ('x', 'box_size', '')),
    ('hdnet=C:/net', ('hdnet', 'hdnet', 'C:/net'))])
def test_label_name_and_value(text, expected):
    assert SystemChoice.parse(text) == SystemChoice(*expected)


@pytest.mark.parametrize(('text', 'message'), [
    ('magic', "there is no system 'magic'; known: hdnet"),
    ('rootnet', 'rootnet needs a checkpoint: --system rootnet=FILE'),
    ('constant=near', 'expected a positive number of metres'), ('box_size=-1', 'expected a positive number of metres'),
    ('geometric_all=3', 'takes no value')])
def test_what_cannot_be_run_is_told(text, message, capsys):
    with pytest.raises(SystemExit):
        parsed('--system', text)
    assert message in capsys.readouterr().err


def test_labels_must_differ_and_files_must_exist(tmp_path):
    with pytest.raises(PredictionError, match="are called 'constant'; .*LABEL:NAME"):
        chosen_systems(parsed('--system', 'constant=3', '--system', 'constant=4'))
    with pytest.raises(PredictionError, match="are called 'a_b'"):     # so would their files be
        chosen_systems(parsed('--system', 'a b:constant=3', '--system', 'a_b:constant=4'))
    with pytest.raises(SettingsError, match=r'--system net: .*nothing.pth'):
        chosen_systems(parsed('--system', f'net:hdnet={tmp_path}/nothing.pth'))
    (tmp_path / 'text.pth').write_text('no weights')
    with pytest.raises(SettingsError, match='text.pth'):
        chosen_systems(parsed('--checkpoint', str(tmp_path / 'text.pth')))
    with pytest.raises(SettingsError, match='nothing.pth'):
        chosen_lifter(parsed('--posenet', f'{tmp_path}/nothing.pth'), [System(ConstantLocator(), joints='lifter')])


def test_files_of_different_checkpoints_of_one_name_are_told_apart(tmp_path):
    from hdnet_ros.network import HDNetConfig
    from hdnet_ros.network.checkpoint import save_hdnet
    from hdnet_ros.network.hdnet import HDNet
    path = tmp_path / 'net.safetensors'
    about = []
    for _ in range(2):
        save_hdnet(HDNet(HDNetConfig.preset('lite')), path)
        about.append(chosen_systems(parsed('--checkpoint', str(path), '--device', 'cpu'))[0].about)
    assert about[0]['checkpoint'] != about[1]['checkpoint'] and about[0]['system'] == 'hdnet'


def test_flip_test_reaches_the_network_and_tells_predictions_apart():
    for arguments, flip in ((), False), (('--flip-test',), True):
        system, = chosen_systems(parsed('--checkpoint', 'hdnet_lite', '--device', 'cpu', *arguments))
        assert system.locator._locator.config.flip_test == system.about['flip_test'] == flip


def test_a_lifter_is_made_where_somebody_looks_at_skeletons(fetched):
    def lifter(*arguments, **keep):
        args = parsed(*arguments)
        return chosen_lifter(args, chosen_systems(args), **keep)
    assert lifter('--system', 'geometric_trunk').name == 'blazepose'
    assert lifter('--root-pixel', 'lifter', '--system', 'constant=3') and lifter('--system', 'constant=3',
                                                                                 keep_skeletons=True)
    assert lifter('--system', 'constant=3', '--system', 'box_size=1.5') is None and lifter(keep_skeletons=True) is None


@pytest.mark.parametrize(('systems', 'keep'), [(['--system', 'constant=3'], False), ([], True)])
def test_posenet_is_refused_where_nothing_is_lifted(systems, keep):
    args = parsed('--posenet', 'posenet.pth', *systems)
    with pytest.raises(SettingsError, match='--posenet: no skeletons are needed here; leave it out, or'):
        chosen_lifter(args, chosen_systems(args), keep)


@pytest.mark.parametrize('arguments, option', [
    (['--training', '/nowhere', '--system', 'box_size=1.7'], '--training'), (['--training', '/nowhere'], '--training'),
    (['--flip-test', '--system', 'constant=3'], '--flip-test'), (['--max-zoom', '3'], '--max-zoom'),
    (['--preset', 'paper', '--window-policy', 'box', '--system', 'geometric_all'], '--preset, --window-policy')])
def test_settings_that_no_system_looks_at_are_refused(arguments, option):
    with pytest.raises(SettingsError, match=f'^{option}: '):
        chosen_systems(parsed(*arguments))


def test_skeletons_without_a_size_place_nobody(fetched):
    args = parsed('--posenet', 'posenet.pth', '--system', 'geometric_all', '--system', 'near:geometric_trunk')
    with pytest.raises(SettingsError, match='have no size, without which geometric_all, near cannot place'):
        chosen_lifter(args, chosen_systems(args), True)


def test_labels_become_file_names():
    assert file_name('my net/2 (b)') == 'my_net_2__b_'
