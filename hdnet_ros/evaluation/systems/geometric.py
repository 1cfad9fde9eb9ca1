"""The optimisation baselines of the paper's Table 1, each under its own name."""
from __future__ import annotations

from dataclasses import replace

from hdnet_ros.perception.root.config import METHODS, RootConfig
from hdnet_ros.perception.root.geometric import GeometricLocator

NAMES = tuple(f'geometric_{method}' for method in METHODS)


class GeometricBaseline(GeometricLocator):
    """The geometric method with all joints, without limbs ('trunk'), or with RANSAC over the joints."""

    def __init__(self, method: str, config: RootConfig | None = None):
        """method: 'all', 'trunk' or 'ransac'; ValueError for another. config: everything else."""
        super().__init__(replace(config or RootConfig(), kind='geometric', method=method))
        self.name = f'geometric_{method}'
