"""Builds and warms up the pipeline, and says what it is made of."""
from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from hdnet_ros.node.passing_thread import in_passing_thread
from hdnet_ros.perception.pipeline import Pipeline, PipelineConfig

# What rosdep cannot install, so that it is missing where the virtual environment is not active.
_FROM_PIP = ('torch', 'safetensors')


def load_pipeline(config: PipelineConfig, meanwhile: Callable[[], None] = lambda: None) -> Pipeline:
    """A pipeline that is ready for its first image.

    meanwhile: called every second, because this takes seconds.
    Its ids begin anywhere in the pool: who follows an id must not follow somebody else after a new start.
    Raises whatever its parts raise for files that are missing or wrong: ModelError, CheckpointError, DetectorError,
    ValueError, ImportError; the message is the reason.
    """
    if config.detector.kind == 'given':
        check_vision_msgs()
    tracker = replace(config.tracker, first_id=secrets.randbelow(config.tracker.id_pool_size))
    try:
        return in_passing_thread(lambda: _build(replace(config, tracker=tracker)), meanwhile)
    except ModuleNotFoundError as error:
        if error.name not in _FROM_PIP:
            raise
        raise ImportError(f'{error.name} is not installed for this Python: activate the virtual environment that has '
                          f'it, or install it: pip install {" ".join(_FROM_PIP)}') from error


def _build(config: PipelineConfig) -> Pipeline:
    pipeline = Pipeline.from_config(config)
    try:
        pipeline.warm_up()
    except BaseException:
        pipeline.close()
        raise
    return pipeline


def describe_models(pipeline: Pipeline) -> str:
    """Names of the parts, of the weights, and of files that are not the usual ones; for logs and diagnostics."""
    config = pipeline.config
    checkpoint = config.root.checkpoint if config.root.kind != 'geometric' else ''
    parts = (('detector', pipeline.detector.name, config.detector.path),
             ('skeleton', pipeline.lifter.name, config.lifter.path), ('root', pipeline.locator.name, checkpoint))
    return ', '.join(f'{part} {name}' + (f' ({Path(file).name})' if file else '') for part, name, file in parts)


def describe_devices(pipeline: Pipeline) -> str:
    """Where the parts run; those that know no other place run on the CPU."""
    parts = (('detector', pipeline.detector), ('skeleton', pipeline.lifter), ('root', pipeline.locator))
    return ', '.join(f'{name} {getattr(part, "device", "cpu")}' for name, part in parts)


def check_vision_msgs() -> None:
    """ImportError that says what to install if a detections topic cannot be read."""
    try:
        import vision_msgs.msg  # noqa: F401
    except ImportError as error:
        raise ImportError("detector.kind is 'given', which needs the package vision_msgs: "
                          f'sudo apt install ros-$ROS_DISTRO-vision-msgs ({error})') from error
