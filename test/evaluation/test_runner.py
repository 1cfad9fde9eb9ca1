from __future__ import annotations

import io
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
import torch

from hdnet_ros.camera import Camera
from hdnet_ros.evaluation.people_file import PeopleWriter, read_people
from hdnet_ros.evaluation.pose2sim_truth import Pose2SimTruth
from hdnet_ros.evaluation.runner import Frame, RunError, SystemRun, run_systems
from hdnet_ros.evaluation.systems.box_size import BoxSizeLocator
from hdnet_ros.evaluation.systems.constant import ConstantLocator
from hdnet_ros.evaluation.systems.geometric import GeometricBaseline
from hdnet_ros.evaluation.systems.rootnet import RootNetLocator
from hdnet_ros.network import PoseNet, save_posenet
from hdnet_ros.network.rootnet import RootNet
from hdnet_ros.perception.detector.config import DetectorConfig
from hdnet_ros.perception.detector.detector import make_detector
from hdnet_ros.perception.lifter.config import LifterConfig
from hdnet_ros.perception.lifter.lifter import make_lifter
from hdnet_ros.perception.people import Detection, Pose
from hdnet_ros.perception.root import RootConfig
from hdnet_ros.skeleton import HUMAN36M_17, MUPOTS_17, convert
from hdnet_ros.training.samples import PersonTruth, Sample

CAMERA = Camera.pinhole(64, 48, 60)
IMAGE = np.zeros((48, 64, 3), np.uint8)
RELATIVE = np.vstack([np.zeros(3), np.random.default_rng(0).uniform(-0.5, 0.5, (16, 3))])


def run_system(locator, lifter, images, writer, **options):
    run_systems([SystemRun(locator, writer)], lifter, images, **options)


class Skeletons:
    """A lifter that sees one skeleton 3 m away in every box, and remembers how often it was asked."""

    name = 'skeletons'

    def __init__(self):
        self.lifted = self.resets = 0
        self.rolls_deg = []

    def lift(self, image, detections, camera, camera_roll_deg=0.0):
        self.lifted += 1
        self.rolls_deg.append(camera_roll_deg)
        return [Pose(camera.project(RELATIVE + [0, 0, 3]), RELATIVE, np.ones(17)) for _ in detections]

    def reset(self):
        self.resets += 1


class Failing(ConstantLocator):
    """Fails on the images of whom it is told to, by their first pixel."""

    def __init__(self, numbers, error):
        super().__init__(3.0)
        self.numbers, self.error = numbers, error

    def locate(self, image, camera, detections, poses):
        if image[0, 0, 0] in self.numbers:
            raise self.error
        return super().locate(image, camera, detections, poses)


def frames(count, boxes=2, first=0):
    detections = [Detection(np.array([5.0, 4, 20 + 5 * i, 40]), 0.9 - 0.1 * i) for i in range(boxes)]
    return [Frame(f'TS1/{n:03d}', np.full_like(IMAGE, n), CAMERA, detections) for n in range(first, first + count)]


def test_several_systems_share_boxes_and_skeletons(tmp_path):
    lifter = Skeletons()
    systems = [BoxSizeLocator(), ConstantLocator(2.5), GeometricBaseline('all')]
    writers = [PeopleWriter(tmp_path / f'{s.name}.jsonl', HUMAN36M_17.name) for s in systems]
    run_systems([SystemRun(*pair) for pair in zip(systems, writers)], lifter, frames(3))
    assert lifter.lifted == lifter.resets == 3
    for system in systems:
        people = read_people(tmp_path / f'{system.name}.jsonl')
        assert people.image_ids == ['TS1/000', 'TS1/001', 'TS1/002'] and people.image.tolist() == [0, 0, 1, 1, 2, 2]
        expected = system.locate(None, CAMERA, frames(1)[0].detections, lifter.lift(IMAGE, [0, 0], CAMERA))
        for row in range(6):
            root, detection = expected[row % 2], frames(1)[0].detections[row % 2]
            assert people.root[row] == pytest.approx(root.position, abs=1e-6)
            assert people.root_px[row] == pytest.approx(root.pixel, abs=1e-3)
            assert people.box[row] == pytest.approx(detection.box) and people.score[row] == detection.score
            assert people.joints[row] == pytest.approx(root.position + RELATIVE, abs=1e-6)
            assert people.joints_px[row] == pytest.approx(CAMERA.project(RELATIVE + [0, 0, 3]), abs=1e-3)
        assert np.isnan(people.log_sigma).all() == (system.name != 'geometric_all')


def test_joints_are_written_in_the_set_of_the_file(tmp_path):
    with PeopleWriter(tmp_path / 'a', MUPOTS_17.name) as writer:
        run_system(ConstantLocator(3.0), Skeletons(), frames(1, boxes=1), writer)
    joints_px = read_people(tmp_path / 'a').joints_px[0]
    seen = CAMERA.project(RELATIVE + [0, 0, 3])
    for name in ('left_wrist', 'hip'):
        assert joints_px[MUPOTS_17.index(name)] == pytest.approx(seen[HUMAN36M_17.index(name)], abs=1e-3)


def test_joints_of_the_system_itself(tmp_path):
    class Seeing(ConstantLocator):
        def locate(self, image, camera, detections, poses):
            return [replace(root, joints_px=np.full((17, 2), 7.0))
                    for root in super().locate(image, camera, detections, poses)]
    with PeopleWriter(tmp_path / 'a', HUMAN36M_17.name) as writer:
        run_systems([SystemRun(Seeing(3.0), writer, own_joints=True)], Skeletons(), frames(1))
    people = read_people(tmp_path / 'a')
    assert (people.joints_px == 7).all() and (people.joints is None or np.isnan(people.joints).all())


def test_without_a_lifter_there_are_no_joints(tmp_path):
    with PeopleWriter(tmp_path / 'a') as writer, PeopleWriter(tmp_path / 'b', HUMAN36M_17.name) as with_joints:
        run_systems([SystemRun(ConstantLocator(3.0), writer), SystemRun(ConstantLocator(3.0), with_joints)], None,
                    frames(1))
    assert read_people(tmp_path / 'a').joints is None
    assert np.isnan(read_people(tmp_path / 'b').joints).all()


def test_images_without_anybody_are_in_the_file(tmp_path):
    nobody = [Frame('empty', IMAGE, CAMERA, [])]
    behind = [Frame('none', IMAGE, CAMERA, [Detection(np.array([5.0, 5, 20, 5]))])]      # a box of no height
    with PeopleWriter(tmp_path / 'a') as writer:
        run_system(BoxSizeLocator(), Skeletons(), nobody + behind, writer)
    assert read_people(tmp_path / 'a').image_ids == ['empty', 'none'] and len(read_people(tmp_path / 'a')) == 0


def test_an_interrupted_run_goes_on_where_it_stopped(tmp_path):
    with PeopleWriter(tmp_path / 'whole', HUMAN36M_17.name) as writer:
        run_system(ConstantLocator(3.0), Skeletons(), frames(5), writer)
    with PeopleWriter(tmp_path / 'parts', HUMAN36M_17.name) as writer, pytest.raises(KeyboardInterrupt):
        run_system(Failing([2], KeyboardInterrupt()), Skeletons(), frames(5), writer)
    read = []

    def lazy(frame):
        return frame._replace(image=lambda: read.append(frame.image_id) or frame.image)
    with PeopleWriter(tmp_path / 'parts', HUMAN36M_17.name) as writer:
        run_system(ConstantLocator(3.0), Skeletons(), map(lazy, frames(5)), writer)
    assert read == ['TS1/002', 'TS1/003', 'TS1/004']
    assert (tmp_path / 'parts').read_bytes() == (tmp_path / 'whole').read_bytes()


def test_each_system_goes_on_by_itself(tmp_path):
    lifter = Skeletons()
    with PeopleWriter(tmp_path / 'a') as a, PeopleWriter(tmp_path / 'b') as b:
        run_system(ConstantLocator(3.0), None, frames(2), a)
        both = [SystemRun(ConstantLocator(3.0), a), SystemRun(ConstantLocator(4.0), b)]
        for _ in range(2):      # the second time there is nothing left to do
            run_systems(both, lifter, frames(3))
            assert lifter.lifted == 3
    for name, depth_m in (('a', 3), ('b', 4)):
        people = read_people(tmp_path / name)
        assert people.image.tolist() == [0, 0, 1, 1, 2, 2] and (people.root[:, 2] == depth_m).all()


@pytest.mark.parametrize(('change', 'message'), [
    ({'image': lambda: (_ for _ in ()).throw(OSError('disk gone'))}, 'the image: OSError: disk gone'),
    ({'image': IMAGE[:, :, 0]}, r'the image: ValueError: .*\(48, 64\)'),
    ({'image': IMAGE[:40]}, 'the camera: ValueError: the image is 64 x 40 px, its camera 64 x 48 px'),
    ({'camera': lambda image: 1 / 0}, 'the camera: ZeroDivisionError'),
    ({'detections': None}, 'the detections: ValueError: there are neither boxes nor a detector'),
    ({'detections': [Detection(np.array([1, 2, 3, np.nan]))]}, 'the detections: ValueError: box 0'),
    ({'detections': [Detection(np.ones(5))]}, 'the detections: ValueError: box 0')])
def test_failures_name_the_image_and_the_stage(tmp_path, change, message):
    bad = frames(1)[0]._replace(**change)
    with PeopleWriter(tmp_path / 'a') as writer, pytest.raises(RunError, match=f"image 'TS1/000': {message}"):
        run_system(ConstantLocator(3.0), None, [bad], writer)
    assert read_people(tmp_path / 'a').image_ids == []


def test_detector_and_lifter_know_how_the_camera_is_rolled(tmp_path):
    """On its side by a quarter turn clockwise, so that the detector sees the image turned back."""
    shapes, lifter = [], Skeletons()

    class Seeing:
        def detect(self, image):
            shapes.append(image.shape)
            return [Detection(np.array([10.0, 20, 14, 40]))]
    with PeopleWriter(tmp_path / 'a') as writer:
        run_system(ConstantLocator(3.0), lifter, [frames(1)[0]._replace(detections=None)], writer, detector=Seeing(),
                   camera_roll_deg=90.0)
    assert shapes == [(64, 48, 3)] and lifter.rolls_deg == [90.0]
    assert read_people(tmp_path / 'a').box[0] == pytest.approx([23, 10, 43, 14])


def test_a_failing_lifter_is_named(tmp_path):
    class Broken(Skeletons):
        def lift(self, image, detections, camera, camera_roll_deg=0.0):
            raise MemoryError('too many people')
    with PeopleWriter(tmp_path / 'a') as writer, pytest.raises(RunError, match='the lifter: MemoryError: too many'):
        run_system(ConstantLocator(3.0), Broken(), frames(1), writer)


def test_a_failing_system_stops_the_run(tmp_path):
    broken = Failing([1], RuntimeError('out of memory'))
    with PeopleWriter(tmp_path / 'a') as a, PeopleWriter(tmp_path / 'b') as b:
        both = [SystemRun(broken, a), SystemRun(ConstantLocator(2.0), b)]
        with pytest.raises(RunError, match="'TS1/001': the system 'constant' .*/a.*: RuntimeError: out of memory"):
            run_systems(both, None, frames(3))
        assert a.done == b.done == {'TS1/000'}
        broken.numbers = []
        run_systems(both, None, frames(3))
    for name in ('a', 'b'):
        assert read_people(tmp_path / name).image_ids == ['TS1/000', 'TS1/001', 'TS1/002']


def test_two_frames_of_one_name_are_refused(tmp_path):
    with PeopleWriter(tmp_path / 'a') as writer, pytest.raises(ValueError, match="two frames have the id 'TS1/000'"):
        run_system(ConstantLocator(3.0), None, frames(1) + frames(1), writer)


def test_samples_of_data_sets_are_frames(tmp_path):
    person = PersonTruth(np.array([5.0, 5, 20, 40]), np.zeros((17, 2)), np.ones(17, bool), np.zeros((17, 3)), 3.0)
    sample = Sample(IMAGE, CAMERA.K, (person,), 'here')
    with PeopleWriter(tmp_path / 'a') as writer:
        run_system(ConstantLocator(3.0), None, [Frame.of_sample('one', sample)], writer)
    people = read_people(tmp_path / 'a')
    assert people.box[0] == pytest.approx(person.box) and people.root[0, 2] == 3.0


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(('progress', 'shown'), [(True, True), (False, False)])
def test_progress_bar(tmp_path, monkeypatch, progress, shown):
    terminal = Terminal()
    monkeypatch.setattr('sys.stderr', terminal)
    with PeopleWriter(tmp_path / 'a') as writer:
        run_system(ConstantLocator(3.0), None, frames(3), writer, progress=progress)
    assert ('3/3' in terminal.getvalue()) == shown


def test_memory_does_not_grow_with_the_number_of_frames(tmp_path):
    """A thousand images of 0.9 MB pass through without being kept."""
    camera = Camera.pinhole(640, 480, 600)
    many = (Frame(str(n), lambda: np.zeros((480, 640, 3), np.uint8), camera, frames(1)[0].detections)
            for n in range(1000))
    with PeopleWriter(tmp_path / 'a') as writer:
        tracemalloc.start()
        run_system(ConstantLocator(3.0), None, many, writer)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 10e6


def test_posenet_skeletons_at_the_depths_of_rootnet(tmp_path):
    """The combination of the paper's Tables 3 to 5, with networks that have not learned anything."""
    torch.manual_seed(0)
    save_posenet(PoseNet('muco_21'), tmp_path / 'posenet', half=True)
    lifter = make_lifter(LifterConfig(kind='posenet', path=str(tmp_path / 'posenet'), flip_test=True))
    net = RootNet()
    torch.nn.init.zeros_(net.root.depth_layer.weight)
    torch.nn.init.ones_(net.root.depth_layer.bias)
    frame = Frame('one', IMAGE, CAMERA, [Detection(np.array([20.0, 5, 40, 45]))])
    with PeopleWriter(tmp_path / 'people', MUPOTS_17.name) as writer:
        run_system(RootNetLocator(net, RootConfig(device='cpu')), lifter, [frame], writer)
    people = read_people(tmp_path / 'people')
    (pose,) = lifter.lift(IMAGE, frame.detections, CAMERA)
    relative = convert(pose.relative_depth_m[:, None], HUMAN36M_17, MUPOTS_17)[:, 0]
    assert people.joints[0, :, 2] == pytest.approx(people.root[0, 2] + relative, abs=1e-5)
    assert CAMERA.project(people.joints[0]) == pytest.approx(people.joints_px[0], abs=0.01)


def test_real_detector_and_skeletons_on_real_footage(tmp_path, fetched, read_frames):
    camera, numbers = Pose2SimTruth().cameras['cam04'], [40, 60]
    images = read_frames('cam04', numbers)
    detector, lifter = make_detector(DetectorConfig()), make_lifter(LifterConfig())
    systems = [GeometricBaseline('ransac'), BoxSizeLocator()]
    writers = [PeopleWriter(tmp_path / system.name, HUMAN36M_17.name) for system in systems]
    footage = [Frame(f'cam04/{n}', images[n], camera) for n in numbers]
    run_systems([SystemRun(*pair) for pair in zip(systems, writers)], lifter, footage, detector=detector)
    geometric, box_size = (read_people(tmp_path / system.name) for system in systems)
    assert len(geometric) >= 3 and len(box_size) >= 4
    assert ((geometric.root[:, 2] > 2) & (geometric.root[:, 2] < 7)).all() and (geometric.log_sigma > 0.03).all()
    assert ((box_size.root[:, 2] > 2) & (box_size.root[:, 2] < 7)).all()
    # Resumed from the first image, the second one comes out the same.
    with PeopleWriter(tmp_path / 'again', HUMAN36M_17.name) as writer:
        run_system(systems[0], lifter, footage[1:], writer, detector=detector)
    again = read_people(tmp_path / 'again')
    np.testing.assert_array_equal(again.joints, geometric.joints[geometric.image == 1])
