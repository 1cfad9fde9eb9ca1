import argparse
import json

import numpy as np
import pytest

from hdnet_ros.cli import bench, bench_evaluation
from hdnet_ros.evaluation.people_file import read_people


def parse(*arguments):
    parser = argparse.ArgumentParser()
    bench_evaluation.add_arguments(parser)
    return parser.parse_args(arguments)


def test_it_is_offered(capsys):
    parser = argparse.ArgumentParser()
    bench.add_arguments(parser)
    assert bench.run(parser.parse_args(['evaluation', '--images', '20', '--people', '1'])) == 0
    assert '20 images' in capsys.readouterr().out


def test_report_as_json(tmp_path, capsys):
    assert bench_evaluation.run(parse('--images', '1500', '--json', '--folder', str(tmp_path))) == 0
    report = json.loads(capsys.readouterr().out)
    assert report['images'] == 1500
    assert 4000 < report['truths'] < 5000
    assert report['people'] / report['truths'] == pytest.approx(1 - bench_evaluation.MISSED, abs=0.03)
    assert set(report['seconds']) == {'writing', 'reading', 'scoring'}
    assert report['processor_s'] > 0
    assert 0 < report['memory_early_mb'] <= report['memory_mb']
    # A depth that is 5 % wrong on average at 2 to 8 m, with noise of 5 cm on the other joints.
    assert 0.15 < report['mrpe_m'] < 0.3
    assert 0.1 < report['ap']['0.1'] / report['ap']['0.25'] < 0.5
    assert report['pck_absolute'] < report['pck_relative'] < 1 - 0.8 * bench_evaluation.MISSED
    assert list(tmp_path.iterdir()) == []


def test_the_file_is_one_that_any_run_could_have_written(tmp_path):
    path = tmp_path / 'people.jsonl'
    bench_evaluation.measure(path, 1200, 2.0)
    people = read_people(path)
    truth, found = bench_evaluation.simulate(2.0)
    assert len(people.image_ids) == len(set(people.image_ids)) == 1200
    everybody = [person for image in found for person in image]
    np.testing.assert_allclose(people.root[:len(everybody)], [person.root for person in everybody], atol=1e-6)
    np.testing.assert_allclose(people.joints[:len(everybody)], [person.joints for person in everybody], atol=1e-6)
    assert people.image[:len(everybody)].tolist() == [i for i, image in enumerate(found) for _ in image]
    assert len(truth) > len(everybody)


@pytest.mark.parametrize('arguments', [('--images', '0'), ('--people', '0')])
def test_nothing_to_score(arguments, capsys):
    assert bench_evaluation.run(parse(*arguments)) == 2
    assert 'must be 1 or more' in capsys.readouterr().err
