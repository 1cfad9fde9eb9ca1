"""The interface packages: what goes over the wire, and where it is found."""
from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

tf2_msgs = pytest.importorskip('tf2_msgs.msg')
vision_msgs = pytest.importorskip('vision_msgs.msg')

# As `ros2 topic info --verbose` shows them for the real packages: tf2_msgs of ROS 2 Jazzy, vision_msgs 4.1.1,
# hri_msgs 2.0.0 and people_msgs 1.3.0. Participants with other hashes have other fields.
HASHES = {
    'tf2_msgs/msg/TFMessage': 'e369d0f05a23ae52508854b66f6aa0437f3449d652e8cbf22d5abe85d020f087',
    'vision_msgs/msg/Detection2DArray': '214274120007f4a683866481336b70310268cfa107aebe9d594a6acf75bda968',
    'vision_msgs/msg/Detection3DArray': '793f5eab9595ac1c0da07873cc859db42eae51f0ee76056db8562515d830e018',
    'hri_msgs/msg/IdsList': '7e0812d1ac945c98fd3e393568d581ad0ab567f37b24eff633eab778c1bfe62d',
    'hri_msgs/msg/NormalizedRegionOfInterest2D': '2e50c93f1ca166ee77af9a5424dc951ae4e452b740162a7f83c082d917dcaff5',
    'hri_msgs/msg/Skeleton2D': '1cb61f012db6ca43c48fa0097ccab9a00108ea39323c13f01bb983323c1e3420',
    'people_msgs/msg/People': '9ea98a5e58f833a9532957bca23a6b8006a12885d5a16c8ca41dd901d10c33b6',
}
TF_HASH = f'RIHS01_{HASHES["tf2_msgs/msg/TFMessage"]}'

FIELDS = {
    'Point2D': {'x': 'double', 'y': 'double'},
    'Pose2D': {'position': 'vision_msgs/Point2D', 'theta': 'double'},
    'BoundingBox2D': {'center': 'vision_msgs/Pose2D', 'size_x': 'double', 'size_y': 'double'},
    'ObjectHypothesis': {'class_id': 'string', 'score': 'double'},
    'ObjectHypothesisWithPose': {'hypothesis': 'vision_msgs/ObjectHypothesis',
                                 'pose': 'geometry_msgs/PoseWithCovariance'},
    'Detection2D': {'header': 'std_msgs/Header', 'results': 'sequence<vision_msgs/ObjectHypothesisWithPose>',
                    'bbox': 'vision_msgs/BoundingBox2D', 'id': 'string'},
    'Detection2DArray': {'header': 'std_msgs/Header', 'detections': 'sequence<vision_msgs/Detection2D>'},
}


@pytest.mark.parametrize('name', HASHES)
def test_messages_have_the_type_hash_of_the_real_ones(name):
    description = json.loads((Path(sys.prefix) / f'share/{name}.json').read_text())
    hashes = {entry['type_name']: entry['hash_string'] for entry in description['type_hashes']}
    assert hashes[name] == f'RIHS01_{HASHES[name]}'


def test_tf_hash_is_what_other_participants_see(node, spin_until):
    publisher = node.create_publisher(tf2_msgs.TFMessage, '/tf', 10)
    assert spin_until(lambda: node.get_publishers_info_by_topic('/tf'))
    [info] = node.get_publishers_info_by_topic('/tf')
    assert info.topic_type == 'tf2_msgs/msg/TFMessage'
    assert str(info.topic_type_hash) == TF_HASH
    node.destroy_publisher(publisher)


@pytest.mark.parametrize('name', FIELDS)
def test_fields_of_vision_msgs(name):
    # Order counts too: it is the order on the wire.
    assert list(getattr(vision_msgs, name).get_fields_and_field_types().items()) == list(FIELDS[name].items())


def test_detections_over_dds(node, spin_until):
    sent = vision_msgs.Detection2DArray(detections=[vision_msgs.Detection2D(id='a'), vision_msgs.Detection2D(id='b')])
    sent.header.frame_id = 'camera'
    sent.detections[0].bbox.center.position.x = 320.5
    sent.detections[0].bbox.size_y = 200.25
    sent.detections[0].results = [vision_msgs.ObjectHypothesisWithPose(
        hypothesis=vision_msgs.ObjectHypothesis(class_id='person', score=0.75))]
    got = []
    subscription = node.create_subscription(vision_msgs.Detection2DArray, 'detections', got.append, 10)
    publisher = node.create_publisher(vision_msgs.Detection2DArray, 'detections', 10)
    assert spin_until(lambda: got, lambda: publisher.publish(sent))
    assert got[0] == sent
    node.destroy_subscription(subscription)


@pytest.mark.parametrize('name', ['tf2_msgs', 'vision_msgs', 'hri_msgs', 'people_msgs'])
def test_packages_are_found_in_the_prefix(name, monkeypatch):
    from ament_index_python import get_package_share_directory
    monkeypatch.setenv('AMENT_PREFIX_PATH', sys.prefix)
    assert Path(get_package_share_directory(name)) == Path(sys.prefix) / 'share' / name
