import torch

from hdnet_ros.network.resnet import ResNet50


def test_shapes_and_size():
    with torch.device('meta'):
        trunk = ResNet50()
        maps = trunk(torch.empty(2, 3, 256, 256))
    assert [tuple(m.shape) for m in maps] == [(2, c, s, s) for c, s in zip(trunk.channels, (64, 32, 16, 8))]
    assert sum(p.numel() for p in trunk.parameters()) == 23_508_032


def test_stride_sits_on_the_3x3():
    with torch.device('meta'):
        trunk = ResNet50()
    for stage in (trunk.layer2, trunk.layer3, trunk.layer4):
        assert (stage[0].conv1.stride, stage[0].conv2.stride) == ((1, 1), (2, 2))
    assert trunk.layer1[0].conv2.stride == (1, 1)


def test_names_are_torchvisions(layouts):
    with torch.device('meta'):
        ours = ResNet50().state_dict()
    published = {name.removeprefix('fpn.resnet.'): shape for name, shape in layouts['hdnet'].items()
                 if name.startswith('fpn.resnet.')}
    assert {name: list(value.shape) for name, value in ours.items()} == published
