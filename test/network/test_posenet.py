import numpy as np
import pytest
import torch

from hdnet_ros.network.posenet import (
    PoseNet,
    average_with_flipped,
    cells_to_mm,
    expected_cells,
    posenet_input,
)
from hdnet_ros.skeleton import joint_set

SETS = {'human36m_18': 34_291_392, 'muco_21': 34_340_736}


@pytest.mark.parametrize('name', SETS)
def test_layout_is_the_published_one(name, layouts):
    with torch.device('meta'):
        net = PoseNet(name)
    ours = net.state_dict()
    assert len(ours) == 338
    assert {n: list(v.shape) for n, v in ours.items()} == layouts[f'posenet_{name}']
    assert sum(p.numel() for p in net.parameters()) == SETS[name]


@pytest.mark.parametrize('name', SETS)
def test_golden_numbers(name, golden_folder, recipe, layouts, golden_weights):
    net = PoseNet(name).eval()
    net.load_state_dict(golden_weights(layouts[f'posenet_{name}'], recipe.POSENET_GAINS))
    images = torch.from_numpy(recipe.noise(2000, (2, 3, 256, 256)))[:1]
    with torch.inference_mode():
        cells = net(images)
        exact = net.double()(images.double())
    np.testing.assert_allclose(cells, exact, atol=1e-4)
    # The golden numbers are of float32, with a softmax whose sum over 262,144 cells was off by 3e-5.
    golden = np.load(golden_folder / f'posenet_{name}_seed0.npz')['cells'][:1]
    np.testing.assert_allclose(cells, golden, atol=2e-3)


def test_expectation_over_the_whole_volume():
    random = np.random.default_rng(0)
    volume = random.normal(size=(2, 3, 4, 5, 6)) * 3
    p = np.exp(volume) / np.exp(volume).sum(axis=(2, 3, 4), keepdims=True)
    z, y, x = np.indices((4, 5, 6))
    expected = np.stack([(p * axis).sum(axis=(2, 3, 4)) for axis in (x, y, z)], axis=-1)
    np.testing.assert_allclose(expected_cells(torch.from_numpy(volume)), expected, rtol=1e-9)
    assert expected_cells(torch.from_numpy(volume).bfloat16()).dtype == torch.float32


def test_depth_of_cells():
    np.testing.assert_allclose(cells_to_mm(np.array([0, 32, 48, 64])), [-1000, 0, 500, 1000])


@pytest.mark.parametrize('name', SETS)
def test_averaging_with_the_mirror_image(name):
    """A perfect estimate for the mirror image, built by joint names, changes nothing."""
    joints = joint_set(name)
    cells = torch.rand(2, len(joints), 3) * 63
    mirrored = torch.empty_like(cells)
    for i, joint in enumerate(joints.joints):
        swapped = joint.replace('left_', '#').replace('right_', 'left_').replace('#', 'right_')
        mirrored[:, joints.index(swapped)] = cells[:, i] * torch.tensor([-1.0, 1, 1]) + torch.tensor([63.0, 0, 0])
    torch.testing.assert_close(average_with_flipped(cells, mirrored, name), cells)
    off = mirrored.clone()
    off[:, joints.index('left_wrist'), 1] += 2
    change = average_with_flipped(cells, off, name) - cells
    assert change[:, joints.index('right_wrist'), 1] == pytest.approx(torch.ones(2).numpy(), abs=1e-4)


def test_flip_test_sees_the_mirror_image():
    seen = []

    class Recorder(PoseNet):
        def __init__(self):
            torch.nn.Module.__init__(self)
            self.joint_set = 'muco_21'

        def forward(self, images):
            seen.append(images)
            return torch.full((1, 21, 3), 20.0)
    images = torch.rand(1, 3, 4, 4)
    cells = Recorder().flip_test(images)
    assert torch.equal(seen[0], images) and torch.equal(seen[1], images[..., [3, 2, 1, 0]])
    assert cells[0, 0].tolist() == [31.5, 20, 20]


def test_input_is_not_scaled_to_one():
    crops = np.zeros((1, 256, 256, 3), np.uint8)
    crops[..., 0], crops[..., 2] = 255, 100          # blue, red
    images = posenet_input(crops)
    assert images.shape == (1, 3, 256, 256) and images.dtype == torch.float32
    np.testing.assert_allclose(images[0, :, 7, 9], [(100 - 0.485) / 0.229, -0.456 / 0.224, (255 - 0.406) / 0.225],
                               rtol=1e-5)
