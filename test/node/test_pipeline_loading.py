from __future__ import annotations

import sys

import pytest
import torch

from hdnet_ros.node import pipeline_loading
from hdnet_ros.node.parameters import DEFAULTS
from hdnet_ros.node.pipeline_loading import describe_devices, describe_models, load_pipeline
from hdnet_ros.node.settings import make_settings
from hdnet_ros.perception.detector.config import DetectorConfig
from hdnet_ros.perception.lifter.config import LifterConfig
from hdnet_ros.perception.pipeline import Pipeline, PipelineConfig
from hdnet_ros.perception.root import RootConfig
from hdnet_ros.perception.tracker import TrackerConfig


@pytest.fixture(scope='module')
def pipeline(footage):
    pipeline = load_pipeline(PipelineConfig())
    yield pipeline
    pipeline.close()


def test_names_of_what_is_loaded(pipeline):
    assert describe_models(pipeline) == 'detector ssd_mobilenet, skeleton blazepose, root combined (hdnet_lite)'
    assert describe_devices(pipeline) == 'detector cpu, skeleton cpu, root cpu'


def test_ids_begin_elsewhere_with_each_start_but_in_one_pool(pipeline):
    """A second start that begins in the same place is as rare as one in 100,000."""
    config = PipelineConfig(root=RootConfig('geometric'), tracker=TrackerConfig(id_pool_size=100_000))
    first = []
    for _ in range(2):
        loaded = load_pipeline(config)
        first.append(loaded.config.tracker.first_id)
        loaded.configure(config)   # as with each image
        assert loaded.config.tracker.first_id == first[-1]
        loaded.close()
    assert first[0] != first[1] and all(0 <= number < 100_000 for number in first)


def test_files_of_the_users_own_are_named(pipeline, monkeypatch):
    config = PipelineConfig(detector=DetectorConfig('torchvision'),
                            lifter=LifterConfig(path='/models/own.tflite'),
                            root=RootConfig(checkpoint='/models/lite.safetensors'))
    monkeypatch.setattr(pipeline, 'config', config)
    for part, device in ((pipeline.detector, 'cuda:1'), (pipeline.locator, 'cuda:2')):
        monkeypatch.setattr(part, 'device', torch.device(device), raising=False)
    assert describe_models(pipeline).endswith('skeleton blazepose (own.tflite), root combined (lite.safetensors)')
    assert describe_devices(pipeline) == 'detector cuda:1, skeleton cpu, root cuda:2'


def test_thresholds_and_the_tracker_change_in_place(pipeline):
    """But not the device."""
    detector = pipeline.detector
    pipeline.configure(PipelineConfig(detector=DetectorConfig(score_threshold=0.7, device='cuda:7'),
                                      tracker=TrackerConfig(coast_s=9.0)))
    assert pipeline.detector is detector and pipeline.detector.config.score_threshold == 0.7
    assert pipeline.detector.config.device == 'auto'
    assert pipeline.tracker.config.coast_s == 9.0
    pipeline.configure(PipelineConfig())


def test_a_missing_vision_msgs_is_named_with_the_package_to_install(monkeypatch):
    for name in ('vision_msgs', 'vision_msgs.msg'):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match='sudo apt install ros-.*-vision-msgs'):
        load_pipeline(make_settings({**DEFAULTS, 'detector.kind': 'given'}).pipeline)


def test_a_pipeline_that_fails_to_warm_up_is_closed(monkeypatch, pipeline):
    closed = []
    monkeypatch.setattr(Pipeline, 'from_config', lambda config: pipeline)
    monkeypatch.setattr(pipeline, 'warm_up', lambda: 1 / 0, raising=False)
    monkeypatch.setattr(pipeline, 'close', lambda: closed.append(True), raising=False)
    with pytest.raises(ZeroDivisionError):
        load_pipeline(PipelineConfig())
    assert closed == [True]


@pytest.mark.parametrize('name, told', [
    ('safetensors', 'activate the virtual environment that has it, or install it: pip install torch safetensors'),
    ('an_adapter', "No module named 'an_adapter'")])
def test_what_only_the_virtual_environment_has_is_told(monkeypatch, name, told):
    def build(config):
        raise ModuleNotFoundError(f'No module named {name!r}', name=name)
    monkeypatch.setattr(pipeline_loading, '_build', build)
    with pytest.raises(ImportError, match=told):
        load_pipeline(PipelineConfig())
