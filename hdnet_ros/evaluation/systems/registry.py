"""Systems by name."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from hdnet_ros.evaluation.systems import geometric
from hdnet_ros.evaluation.systems.box_size import DEFAULT_HEIGHT_M, BoxSizeLocator
from hdnet_ros.evaluation.systems.constant import DEFAULT_DEPTH_M, ConstantLocator
from hdnet_ros.evaluation.systems.geometric import GeometricBaseline
from hdnet_ros.perception.root import RootConfig, RootLocator, make_root_locator
from hdnet_ros.perception.root.config import DEFAULT_CHECKPOINT
from hdnet_ros.training.samples import Sample

NAMES = ('hdnet', 'combined', 'rootnet', *geometric.NAMES, 'box_size', 'constant')


def make_system(name: str, config: RootConfig | None = None, *, training: Iterable[Sample] | None = None,
                body_height_m: float = DEFAULT_HEIGHT_M, depth_m: float = DEFAULT_DEPTH_M) -> RootLocator:
    """The system of that name, one of ``NAMES``.

    config: settings of the system as far as it has them; 'rootnet' needs a checkpoint. ``root_pixel``
        'lifter' holds for 'rootnet', 'box_size' and 'constant', too; otherwise they use a pixel of their own.
    training: people with known depth, to which 'box_size' and 'constant' are fitted; read once, and by no other system.
    body_height_m: of 'box_size' without training data. depth_m: of 'constant' without training data.
    ValueError for an unknown name or if something that the system needs is not given; CheckpointError or ModelError if
    the checkpoint or the device cannot be used.
    """
    config = config or RootConfig()
    if name in ('hdnet', 'combined'):
        return make_root_locator(replace(config, kind=name))
    if name == 'rootnet':
        if config.checkpoint in ('', DEFAULT_CHECKPOINT):
            raise ValueError("the system 'rootnet' needs a checkpoint file")
        from hdnet_ros.evaluation.systems.rootnet import RootNetLocator
        return RootNetLocator.from_config(config)
    if name in geometric.NAMES:
        return GeometricBaseline(name.removeprefix('geometric_'), config)
    if name == 'box_size':
        if training is not None:
            return BoxSizeLocator.fit(training, config)
        return BoxSizeLocator(body_height_m, config=config)
    if name == 'constant':
        if training is not None:
            return ConstantLocator.fit(training, config)
        return ConstantLocator(depth_m, config=config)
    raise ValueError(f'there is no system {name!r}; known: {", ".join(NAMES)}')
