"""The networks that are compared with the full one, and how they are trained unless one says otherwise.

Apart from the training itself, so that a command can name them at once.
"""
from __future__ import annotations

from dataclasses import dataclass

CONFIG = 'ablation'
SEEDS = (0, 1)


@dataclass(frozen=True)
class Variant:
    """A network that differs from the full one in one respect.

    label: for the table; changes: of the training configuration, ``key.key=value`` each.
    """

    name: str
    label: str
    changes: tuple[str, ...] = ()


FULL = Variant('full', 'full')
VARIANTS = {v.name: v for v in (
    FULL,
    Variant('regression', 'direct regression', ('network.depth_head=regression',)),
    Variant('shared', 'shared feature branch', ('network.shared_features=true',)),
    Variant('no_gnn', 'without GNN', ('network.gnn=false',)),
    Variant('no_pooling', 'without heatmap pooling', ('network.heatmap_pooling=false',)),
    Variant('bins_31', '31 bins', ('network.bins=31',)),
    Variant('bins_61', '61 bins', ('network.bins=61',)),
    Variant('bins_241', '241 bins', ('network.bins=241',)),
    Variant('layers_1', '1 GNN layer', ('network.gnn_layers=1',)),
    Variant('layers_3', '3 GNN layers', ('network.gnn_layers=3',)),
    Variant('layers_4', '4 GNN layers', ('network.gnn_layers=4',)),
)}
