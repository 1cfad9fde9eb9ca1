import numpy as np
import pytest
import torch

from hdnet_ros.network.gnn import FullyConnected, GraphLayer, SkeletonGNN
from hdnet_ros.skeleton import HUMAN36M_17, JOINT_SETS


def test_graph_layer_equals_equation_5():
    torch.manual_seed(0)
    adjacency = HUMAN36M_17.adjacency()
    layer = GraphLayer(6, adjacency).eval()
    layer.bn.running_mean.uniform_(-1, 1)
    layer.bn.running_var.uniform_(0.5, 2)
    x = torch.randn(2, 6, 17)

    weights = {k: v.numpy() for k, v in layer.state_dict().items()}
    expected = np.zeros((2, 6, 17))
    for b in range(2):
        for i in range(17):
            out = adjacency[i, i] * (weights['layer_self.weight'][:, :, 0] @ x[b, :, i].numpy()
                                     + weights['layer_self.bias'])
            for j in set(range(17)) - {i}:
                out = out + adjacency[i, j] * (weights['layer_others.weight'][:, :, 0] @ x[b, :, j].numpy()
                                               + weights['layer_others.bias'])
            out = (out - weights['bn.running_mean']) / np.sqrt(weights['bn.running_var'] + 1e-5)
            expected[b, :, i] = np.maximum(out * weights['bn.weight'] + weights['bn.bias'], 0)
    np.testing.assert_allclose(layer(x).detach(), expected, atol=1e-5)


def test_information_travels_one_bone_per_layer():
    torch.manual_seed(0)
    joints = HUMAN36M_17
    gnn = SkeletonGNN(4, joints.adjacency(), layers=2).eval()
    x = torch.randn(1, 4, 17)
    moved = x.clone()
    moved[0, :, joints.index('left_wrist')] += 1
    changed = (gnn(x) != gnn(moved)).any(dim=1)[0].nonzero()[:, 0].tolist()
    assert {joints.joints[i] for i in changed} <= {'left_wrist', 'left_elbow', 'left_shoulder'}
    assert joints.index('left_wrist') in changed or joints.index('left_elbow') in changed


@pytest.mark.parametrize('name', JOINT_SETS)
def test_adjacency_is_not_stored(name):
    gnn = SkeletonGNN(4, JOINT_SETS[name].adjacency(), layers=3)
    assert len(gnn.state_dict()) == 3 * 9
    assert not any('weight' in n and 'own' in n or 'others_weight' in n for n in gnn.state_dict())


def test_fully_connected_layers_keep_nodes_apart():
    torch.manual_seed(0)
    layers = FullyConnected(4, layers=2).eval()
    x = torch.randn(3, 4, 5)
    together, apart = layers(x), torch.stack([layers(x[:, :, i:i + 1])[:, :, 0] for i in range(5)], dim=2)
    torch.testing.assert_close(together, apart)
