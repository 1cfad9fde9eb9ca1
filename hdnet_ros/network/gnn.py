"""Layers that turn one feature vector per joint into one per person: a graph network and its plain substitute."""
from __future__ import annotations

import numpy as np
import torch
from torch import nn


class GraphLayer(nn.Module):
    """Each joint keeps a linear map of itself and takes in linear maps of its neighbours (eq. 5).

    Input and output: (P, C, J).
    adjacency: (J, J) with self loops, rows summing to 1; it follows from the joint set and is not stored.
    """

    def __init__(self, channels: int, adjacency: np.ndarray) -> None:
        super().__init__()
        self.layer_self = nn.Conv1d(channels, channels, 1)
        self.layer_others = nn.Conv1d(channels, channels, 1)
        self.bn = nn.BatchNorm1d(channels)
        own = np.diag(adjacency)
        self.register_buffer('own_weight', torch.tensor(own), persistent=False)
        self.register_buffer('others_weight', torch.tensor((adjacency - np.diag(own)).T), persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.bn(self.layer_self(x) * self.own_weight + self.layer_others(x) @ self.others_weight).relu()


class SkeletonGNN(nn.Module):
    """A stack of graph layers over one skeleton, (P, C, J) to (P, C, J)."""

    def __init__(self, channels: int, adjacency: np.ndarray, layers: int) -> None:
        super().__init__()
        self.gcn_layers = nn.Sequential(*(GraphLayer(channels, adjacency) for _ in range(layers)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.gcn_layers(x)


class FullyConnected(nn.Module):
    """Linear layers with batch normalisation on each node by itself, (P, C, N) to (P, C, N) (Table 6)."""

    def __init__(self, channels: int, layers: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(*(
            nn.Sequential(nn.Conv1d(channels, channels, 1), nn.BatchNorm1d(channels), nn.ReLU())
            for _ in range(layers)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layers(x)
