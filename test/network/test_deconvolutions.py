import torch
from torch import nn

from hdnet_ros.network.deconvolutions import WIDTH, deconvolutions, init_head


def test_resolution_grows_eightfold():
    with torch.device('meta'):
        layers, c5 = deconvolutions(), torch.empty(2, 2048, 3, 5)
    assert layers(c5).shape == (2, WIDTH, 24, 40)
    assert [type(layer) for layer in layers] == [nn.ConvTranspose2d, nn.BatchNorm2d, nn.ReLU] * 3
    assert [layer.in_channels for layer in layers[::3]] == [2048, 256, 256]


def test_weights_start_small():
    torch.manual_seed(0)
    head = nn.Sequential(nn.ConvTranspose2d(30, 30, 4), nn.BatchNorm2d(30), nn.Conv2d(30, 60, 3))
    init_head(head)
    for layer in (head[0], head[2]):
        assert 0.0009 < layer.weight.std() < 0.0011
    assert (head[2].bias == 0).all() and (head[1].weight == 1).all()
