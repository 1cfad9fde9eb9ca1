import argparse
import json

import pytest
import torch

from hdnet_ros.cli import bench_network
from hdnet_ros.cli.main import main
from hdnet_ros.network import HDNet, HDNetConfig
from hdnet_ros.network.heatmaps import pool_features


@pytest.fixture
def tiny(monkeypatch):
    """Every preset is a small network."""
    config = HDNetConfig(backbone='efficientnet_lite0', width=8, bins=11, input_size=64)
    monkeypatch.setattr(HDNetConfig, 'preset', classmethod(lambda cls, name: config))
    return config


def parse(*arguments):
    parser = argparse.ArgumentParser()
    bench_network.add_arguments(parser)
    return parser.parse_args(arguments)


def test_published_pooling_is_the_same_sum():
    random = torch.Generator().manual_seed(0)
    maps = torch.rand(2, 17, 64, 64, generator=random).flatten(2).softmax(2).view(2, 17, 64, 64)
    features = torch.randn(2, 32, 64, 64, generator=random)
    torch.testing.assert_close(bench_network.published_pooling(maps, features), pool_features(maps, features),
                               atol=1e-6, rtol=0)


def test_all_forms_are_the_same_network(tiny):
    with torch.inference_mode():
        outs = {name: form() for name, form in bench_network.make_forms(tiny, 'cpu', 2).items()}
    published = outs.pop(bench_network.PUBLISHED)
    torch.testing.assert_close(outs[bench_network.POOLED].bin_index, published.bin_index, atol=1e-6, rtol=1e-6)
    torch.testing.assert_close(outs[bench_network.OURS].bin_index, published.bin_index, atol=1e-5, rtol=1e-5)
    for out in outs.values():
        torch.testing.assert_close(out.bin_index, published.bin_index, atol=0.1, rtol=0)
        torch.testing.assert_close(out.joints, published.joints, atol=0.01, rtol=0)


def test_published_forward_equals_the_network(tiny):
    net = HDNet(tiny).eval()
    inputs = bench_network.random_inputs(tiny, 1, 'cpu')
    with torch.inference_mode():
        for a, b in zip(bench_network.published_forward(net, *inputs), net(*inputs)):
            torch.testing.assert_close(a, b, atol=1e-6, rtol=1e-6)


def test_json(tiny, capsys):
    threads = torch.get_num_threads()
    assert bench_network.run(parse('--json', '--repeats', '2', '--threads', '1')) == 0
    out, err = capsys.readouterr()
    result = json.loads(out)
    assert result['threads'] == 1 and torch.get_num_threads() == threads
    assert set(result['ms']) == set(result['speedup']) and len(result['ms']) == 8
    assert result['speedup'][bench_network.OURS] == pytest.approx(
        result['ms'][bench_network.PUBLISHED] / result['ms'][bench_network.OURS])
    assert result['best_ms'][bench_network.OURS] <= result['ms'][bench_network.OURS]
    assert 'pass' in err        # progress


def test_table(tiny, capsys):
    assert bench_network.run(parse('--repeats', '1', '--preset', 'lite')) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith('lite, batch 1, cpu, ')
    assert lines[2].startswith(bench_network.PUBLISHED) and lines[2].count('1.00x') == 2
    assert len(lines) == 7      # one pass each is its own best, so nothing looks disturbed


def test_a_disturbed_run_says_so():
    result = {'preset': 'lite', 'batch': 1, 'device': 'cpu', 'threads': 1, 'torch': '2', 'machine': 'm', 'repeats': 3,
              'ms': {'a': 16.0}, 'best_ms': {'a': 10.0}, 'speedup': {'a': 1.0}, 'best_speedup': {'a': 1.0}}
    assert 'trust the best' in bench_network.table(result)


def test_a_device_that_is_not_there(capsys):
    assert main(['bench', 'network', '--device', 'cuda:99']) == 2
    assert "device 'cuda:99' cannot be used" in capsys.readouterr().err


@pytest.mark.parametrize('arguments', [('--batch', '0'), ('--repeats', 'x'), ('--preset', 'huge')])
def test_nonsense_is_refused(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        parse(*arguments)
    assert stop.value.code == 2
