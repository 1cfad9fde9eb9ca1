import numpy as np
import pytest
import torch

from hdnet_ros.network.efficientnet_lite import ConvBN, EfficientNetLite0
from hdnet_ros.network.pretrained import lite0_name


def test_equals_the_package(golden_folder, recipe, layouts, golden_weights):
    trunk = EfficientNetLite0().eval()
    weights = {lite0_name(name): value for name, value in
               golden_weights(layouts['efficientnet_lite0_package']).items()}
    trunk.load_state_dict({name: weights[name] for name in trunk.state_dict()})
    with torch.inference_mode():
        maps = trunk(torch.from_numpy(recipe.noise(3000, (1, 3, 224, 224))))
    golden = np.load(golden_folder / 'efficientnet_lite0_seed0.npz')
    for stride, features in zip((4, 8, 16, 32), maps):
        sample = golden[f'stride{stride}_sample']
        np.testing.assert_allclose(features[:, :sample.shape[1]], sample, atol=1e-5)
        np.testing.assert_allclose(features.mean(dim=(2, 3)), golden[f'stride{stride}_mean'], atol=1e-5)


def test_shapes():
    with torch.device('meta'):
        trunk = EfficientNetLite0()
        maps = trunk(torch.empty(2, 3, 256, 256))
    assert [tuple(m.shape) for m in maps] == [(2, 24, 64, 64), (2, 40, 32, 32), (2, 112, 16, 16), (2, 320, 8, 8)]


@pytest.mark.parametrize('size', [7, 8, 9, 64])
@pytest.mark.parametrize('kernel, stride', [(3, 1), (3, 2), (5, 1), (5, 2)])
def test_same_padding(size, kernel, stride):
    layer = ConvBN(1, 1, kernel, stride, activation=False).eval()
    torch.nn.init.ones_(layer.conv.weight)
    with torch.inference_mode():
        out = layer(torch.ones(1, 1, size, size))[0, 0] * (1 + layer.bn.eps) ** 0.5
    cells = -(-size // stride)
    before = max((cells - 1) * stride + kernel - size, 0) // 2
    inside = [len([k for k in range(kernel) if 0 <= i * stride - before + k < size]) for i in range(cells)]
    np.testing.assert_allclose(out, np.outer(inside, inside), rtol=1e-5)


def test_depthwise_layers_stay_exact_in_low_precision_on_cpus():
    torch.manual_seed(0)
    x = torch.randn(1, 8, 9, 9)
    depthwise, pointwise = ConvBN(8, 8, 3, groups=8).eval(), ConvBN(8, 8).eval()
    with torch.inference_mode(), torch.autocast('cpu', torch.bfloat16):
        low = depthwise(x), pointwise(x)
        from_low = depthwise(x.bfloat16())
    with torch.inference_mode():
        exact = depthwise(x), pointwise(x)
    assert low[0].dtype == torch.float32 and torch.equal(low[0], exact[0])
    assert not torch.equal(low[1].float(), exact[1])
    assert from_low.dtype == torch.float32
