from __future__ import annotations

import argparse

import pytest

from hdnet_ros.cli.pipeline_arguments import add_pipeline_arguments, pipeline_config


@pytest.mark.parametrize(('arguments', 'device', 'download'), [
    (['--detector', 'torchvision'], 'auto', False),
    (['--detector', 'torchvision', '--download', '--device', 'cpu'], 'cpu', True),
    ([], 'auto', False)])
def test_the_detector_is_told_a_device_and_whether_it_may_download(arguments, device, download):
    parser = argparse.ArgumentParser()
    add_pipeline_arguments(parser)
    detector = pipeline_config(parser.parse_args(arguments)).detector
    assert (detector.device, detector.download) == (device, download)
