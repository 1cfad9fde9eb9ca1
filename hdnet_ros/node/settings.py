"""From parameter values to the configurations that the parts of the node are built from."""
from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor
from rclpy.node import Node

from hdnet_ros.node.consumers.registry import check_packages
from hdnet_ros.node.consumers.settings import ConsumerSettings
from hdnet_ros.node.outputs import OutputSettings
from hdnet_ros.node.parameters import BY_NAME, DEFAULTS, PARAMETERS, Parameter, Value
from hdnet_ros.perception.detector.config import DetectorConfig
from hdnet_ros.perception.lifter.config import LifterConfig
from hdnet_ros.perception.pipeline import PipelineConfig
from hdnet_ros.perception.root.config import RootConfig
from hdnet_ros.perception.tracker.config import TrackerConfig

_NAMES = list(BY_NAME)
_MODEL_GROUPS = ('device', 'detector', 'lifter', 'root', 'tracker')
_MODEL_NAMES = [p.name for p in PARAMETERS if not p.live and p.name.partition('.')[0] in _MODEL_GROUPS]


@dataclass(frozen=True)
class Settings:
    """One consistent snapshot of all parameters.

    model_key: equal for two snapshots that the same loaded models can serve.
    """

    model_key: tuple[Value, ...]
    pipeline: PipelineConfig
    outputs: OutputSettings
    image_transport: str
    rectified: bool
    camera_frame: str
    slop_s: float
    queue_size: int
    class_id: str
    fixed_frame: str
    fixed_frame_wait_s: float
    fixed_frame_tolerance_s: float
    predict_to_now: bool

    @property
    def given_detections(self) -> bool:
        """Whether somebody else detects people."""
        return self.pipeline.detector.kind == 'given'


def declare(node: Node) -> None:
    """Declare every parameter; rclpy's exceptions say which value from outside is of the wrong type or out of range."""
    for parameter in PARAMETERS:
        node.declare_parameter(parameter.name, parameter.default, _descriptor(parameter))


def _descriptor(parameter: Parameter) -> ParameterDescriptor:
    descriptor = ParameterDescriptor(
        description=parameter.description,
        additional_constraints='' if parameter.live else 'Changes only while the node is not active.')
    if parameter.choices:
        one_of = f'One of {", ".join(parameter.choices)}.'
        descriptor.additional_constraints = f'{one_of} {descriptor.additional_constraints}'.strip()
    if isinstance(parameter.default, float) and parameter.low is not None:
        descriptor.floating_point_range = [FloatingPointRange(from_value=parameter.low, to_value=parameter.high)]
    elif parameter.low is not None:
        descriptor.integer_range = [IntegerRange(from_value=int(parameter.low), to_value=int(parameter.high), step=1)]
    return descriptor


def values_of(node: Node) -> dict[str, Value]:
    """The present values of all parameters."""
    return {parameter.name: parameter.value for parameter in node.get_parameters(_NAMES)}


def read(node: Node) -> Settings:
    """Snapshot of a node's parameters; ValueError with the reason if they make no sense.

    Belongs to the executor's thread: any other could see one half of a change.
    """
    return make_settings(values_of(node), node.get_namespace())


def make_settings(values: Mapping[str, Value], namespace: str = '/') -> Settings:
    """Settings from the values of all parameters; ValueError with the reason if they make no sense.

    namespace: of the node; each draws other ids, so that frames of several nodes hardly ever collide.
    """
    for name, value in values.items():
        problem = BY_NAME[name].problem(value)
        if problem:
            raise ValueError(problem)
    device = check_device(values['device'])
    detector = _group(values, 'detector', leave_out=('class_id',))
    consumers = ConsumerSettings.from_values(_group(values, 'consumers'))
    check_packages(consumers.enabled)
    return Settings(
        model_key=tuple(values[name] for name in _MODEL_NAMES),
        pipeline=PipelineConfig(
            detector=_build(DetectorConfig, 'detector', {**detector, 'device': device}),
            lifter=_build(LifterConfig, 'lifter', {**_group(values, 'lifter'), 'device': device}),
            root=_build(RootConfig, 'root', {**_group(values, 'root'), 'device': device}),
            tracker=_build(TrackerConfig, 'tracker', {**_group(values, 'tracker'), 'seed': _seed(namespace)})),
        outputs=_build(OutputSettings, 'outputs', {
            'publish_tf': values['publish_tf'], 'publish_joint_tf': values['publish_joint_tf'],
            'marker_lifetime_s': values['markers.lifetime_s'], 'marker_rate_hz': values['markers.max_rate_hz'],
            'debug_image_rate_hz': values['debug_image.max_rate_hz'], 'consumers': consumers}),
        image_transport=values['image_transport'], rectified=values['rectified'], camera_frame=values['camera_frame'],
        slop_s=values['sync.slop_s'], queue_size=values['sync.queue_size'], class_id=values['detector.class_id'],
        fixed_frame=values['fixed_frame'], fixed_frame_wait_s=values['fixed_frame_wait_s'],
        fixed_frame_tolerance_s=values['fixed_frame_tolerance_s'], predict_to_now=values['predict_to_now'])


def refusal(changes: Mapping[str, Value], present: Mapping[str, Value], active: bool) -> str:
    """Why a change of parameters cannot be made; '' if it can.

    changes: new values; names that are not ours are left to others.
    active: whether the node is active, when only live parameters may change.
    """
    ours = {name: value for name, value in changes.items() if name in BY_NAME}
    if not ours:
        return ''
    for name, value in ours.items():
        if active and not BY_NAME[name].live and value != present[name]:
            return f'{name} cannot change while the node is active: deactivate it first'
    problem = _problem({**present, **ours})
    if problem and _problem(present):
        # Values that made no sense before can be put right one by one; configuring tells of those that are left.
        groups = {_group_of(name) for name in ours}
        related = {name: value for name, value in present.items() if _group_of(name) in groups}
        return _problem({**DEFAULTS, **ours}) and _problem({**DEFAULTS, **related, **ours})
    return problem


def _group_of(name: str) -> str:
    return name.partition('.')[0]


def _problem(values: Mapping[str, Value]) -> str:
    try:
        make_settings(values)
    except ValueError as error:
        return str(error)
    return ''


def check_device(name: str) -> str:
    """The name itself; ValueError if it does not look like a device (whether there is one shows when models load)."""
    kind, _, number = name.partition(':')
    if name == 'auto' or name == 'cpu' or (kind == 'cuda' and (number.isdigit() or name == 'cuda')):
        return name
    raise ValueError(f"device must be 'auto', 'cpu', 'cuda' or 'cuda:N', not {name!r}")


def _seed(namespace: str) -> int:
    return zlib.crc32(namespace.encode()) if namespace.strip('/') else 0


def _group(values: Mapping[str, Value], group: str, leave_out: Iterable[str] = ()) -> dict[str, Value]:
    """The parameters ``group.*`` by the part of their name behind the dot."""
    prefix = group + '.'
    return {name.removeprefix(prefix): value for name, value in values.items()
            if name.startswith(prefix) and name.removeprefix(prefix) not in leave_out}


def _build(config: type, group: str, fields: Mapping[str, Value]):
    try:
        return config(**fields)
    except ValueError as error:
        raise ValueError(f'{group}: {error}') from error
