"""The one definition of every parameter: name, default, meaning, range, and when it may change."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hdnet_ros.node.consumers.settings import FRAMES, SHAPES, ConsumerSettings
from hdnet_ros.perception.detector.config import KINDS as DETECTORS
from hdnet_ros.perception.detector.config import DetectorConfig
from hdnet_ros.perception.lifter.config import BLAZEPOSE_MODELS, LifterConfig
from hdnet_ros.perception.lifter.config import KINDS as LIFTERS
from hdnet_ros.perception.root.config import KINDS as ROOT_KINDS
from hdnet_ros.perception.root.config import METHODS, ROOT_PIXELS, WINDOW_POLICIES, WINDOW_SIZES, RootConfig
from hdnet_ros.perception.tracker.config import TrackerConfig

Value = bool | int | float | str


@dataclass(frozen=True)
class Parameter:
    """One parameter.

    choices: the values allowed, if they are few; low, high: the range of a number.
    live: may change at any time and counts from the next image on; others only while the node is not active.
    """

    name: str
    default: Value
    description: str
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    live: bool = False

    def problem(self, value: Value) -> str:
        """Why the value cannot be taken; '' if it can."""
        if self.choices and value not in self.choices:
            return f'{self.name} must be one of {", ".join(self.choices)}, not {value!r}'
        if self.low is not None and not self.low <= value <= self.high:
            return f'{self.name} must lie in {self.low:g}..{self.high:g}, not {value:g}'
        return ''


_detector, _lifter, _root, _tracker = DetectorConfig(), LifterConfig(), RootConfig(), TrackerConfig()
_consumers = ConsumerSettings()

PARAMETERS: tuple[Parameter, ...] = (
    Parameter('autostart', True,
              'Configure and activate the node by itself at the start. Read at the start only.'),
    Parameter('device', 'auto',
              "Where HDNet, PoseNet and torchvision's detector run: 'auto' (CUDA if there is one), 'cpu', 'cuda' or "
              "'cuda:N'. All other networks run on the CPU."),

    Parameter('image_transport', 'raw',
              "'raw': the image topic carries Image. 'compressed': <image>/compressed carries CompressedImage.",
              choices=('raw', 'compressed')),
    Parameter('rectified', False,
              'The image is rectified already: its camera is P of the CameraInfo, not K and D.'),
    Parameter('camera_frame', '',
              'Frame of the people, instead of the frame_id of the CameraInfo. It must be an optical frame: x right, y '
              'down, z forward.'),
    Parameter('fixed_frame', '',
              'Frame that does not move with the robot, such as odom or map: people are tracked in it and have their '
              'velocities in it, by tf at the stamp of the image. Empty: all is relative to the camera.'),
    Parameter('fixed_frame_wait_s', 0.05,
              'Longest wait for tf to catch up with an image, seconds. It begins after the networks have run, and tf '
              'has mostly come by then; while tf is lost, nothing is waited for.', low=0.0, high=1.0, live=True),
    Parameter('fixed_frame_tolerance_s', 0.2,
              'If tf is behind by no more than this, seconds, the camera is taken to go on as it went last; beyond, '
              'people are tracked relative to the camera until tf is back.', low=0.0, high=5.0, live=True),
    Parameter('predict_to_now', False,
              'Publish people where they are expected by now: moved on with their velocity for the time since the '
              'stamp of the image. Stamp and frame stay those of the image.', live=True),
    Parameter('sync.slop_s', 0.01,
              'Largest difference between the stamps of an image, its CameraInfo and, with a detections topic, its '
              'boxes, seconds. 0: they must be equal.',
              low=0.0, high=10.0),
    Parameter('sync.queue_size', 10,
              'How many messages of each topic wait for their partners. With a detections topic it must cover the time '
              'that the other detector takes.', low=2, high=1000),

    Parameter('max_rate_hz', 0.0,
              'Work on at most so many images per second, to leave the computer to others. 0: on all that it can.',
              low=0.0, high=1000.0, live=True),

    Parameter('detector.kind', _detector.kind,
              "Who finds people: SSD-MobileNetV2, a torchvision model, an ONNX file, or 'given': somebody else, whose "
              'vision_msgs/Detection2DArray comes on the topic detections.', choices=DETECTORS),
    Parameter('detector.model', _detector.model,
              'Name of the torchvision detection model.'),
    Parameter('detector.path', _detector.path,
              'The ONNX file; or a folder with the files of SSD-MobileNetV2, instead of the usual one.'),
    Parameter('detector.download', _detector.download,
              'Allow torchvision to download its weights.'),
    Parameter('detector.input_size_px', _detector.input_size_px,
              'Side of the square input of an ONNX model that does not say it itself. 0: ask the model.',
              low=0, high=4096),
    Parameter('detector.person_class', _detector.person_class,
              'Index of the person among the classes of an ONNX model.', low=0, high=100000),
    Parameter('detector.class_id', '',
              'Of the detections topic, take only boxes of this class_id, such as person. Quote one that is a number, '
              """which is no text for ROS: "'0'" in a shell, '0' in a file. Empty: all.""",
              live=True),
    Parameter('detector.score_threshold', _detector.score_threshold,
              'Boxes with a lower score are dropped.', low=0.0, high=1.0, live=True),
    Parameter('detector.overlap_threshold', _detector.overlap_threshold,
              'Of two boxes that overlap more (intersection over union) only the better one stays.',
              low=0.0, high=1.0, live=True),
    Parameter('detector.min_size_px', _detector.min_size_px,
              'Boxes that are less wide or high are dropped, pixels.', low=0.0, high=10000.0, live=True),
    Parameter('detector.max_people', _detector.max_people,
              'At most so many boxes per image, the best ones.', low=1, high=200, live=True),

    Parameter('lifter.kind', _lifter.kind,
              'Who estimates skeletons: BlazePose, or PoseNet with a checkpoint.', choices=LIFTERS),
    Parameter('lifter.model', _lifter.model,
              'Which BlazePose.', choices=BLAZEPOSE_MODELS),
    Parameter('lifter.path', _lifter.path,
              'A BlazePose file instead of the usual one; the checkpoint of PoseNet.'),
    Parameter('lifter.joint_set', _lifter.joint_set,
              "Joint set of the PoseNet checkpoint ('human36m_18' or 'muco_21'). Empty: read it from the checkpoint."),
    Parameter('lifter.flip_test', _lifter.flip_test,
              'PoseNet also looks at the mirrored image: a little better, twice the time.', live=True),
    Parameter('lifter.min_score', _lifter.min_score,
              'BlazePose results below are no person.', low=0.0, high=1.0, live=True),

    Parameter('root.kind', _root.kind,
              "How the distance is found: 'hdnet', 'geometric' (from the size of the skeleton), or 'combined': both, "
              'weighed by their uncertainties.', choices=ROOT_KINDS),
    Parameter('root.checkpoint', _root.checkpoint,
              'HDNet checkpoint: a file, or the name of a model in the manifest.'),
    Parameter('root.preset', _root.preset,
              "How to read a published checkpoint, which says nothing about itself: 'human36m_published' or 'paper'. "
              'Empty: our own checkpoints, and the published one of Human3.6M.'),
    Parameter('root.window_policy', _root.window_policy,
              "HDNet's windows: one per person ('box'), one around the principal point ('principal'), the fewest that "
              "hold everybody ('packed'), or as trained ('checkpoint').", choices=WINDOW_POLICIES),
    Parameter('root.window_size', _root.window_size,
              "Size of HDNet's windows: 1000 px ('native'), the field of view of training ('canonical'), or as trained "
              "('checkpoint').", choices=WINDOW_SIZES),
    Parameter('root.train_focal_px', _root.train_focal_px,
              "Focal length of training for 'canonical', pixels, instead of the checkpoint's. 0: the checkpoint's.",
              low=0.0, high=100000.0),
    Parameter('root.max_zoom', _root.max_zoom,
              "HDNet's windows are up to so many times smaller where people in them stay whole, so that these are seen "
              'larger. 1: never, 0: as trained.', low=0.0, high=100.0),
    Parameter('root.camera_roll_deg', _root.camera_roll_deg,
              'How far upright people appear turned clockwise in the image, degrees, because the camera is mounted so; '
              'HDNet then looks at the image turned back, the detector at the nearest quarter turn, and BlazePose '
              'first tries people who are turned so.', low=-180.0, high=180.0, live=True),
    Parameter('root.camera_roll_from_tf', _root.camera_roll_from_tf,
              'Take root.camera_roll_deg from tf instead, as it last told the pose of the camera in fixed_frame, whose '
              'z must point up.',
              live=True),
    Parameter('root.flip_test', _root.flip_test,
              "HDNet also looks at the mirror images of its windows: a little better, twice HDNet's time.", live=True),
    Parameter('root.root_pixel', _root.root_pixel,
              'Whose root joint gives the direction to a person when HDNet gives the depth.', choices=ROOT_PIXELS,
              live=True),
    Parameter('root.root_pixel_sigma', _root.root_pixel_sigma,
              "Standard deviation of the skeleton's root joint as a direction, relative to the height of the box; "
              "counts with root.root_pixel 'lifter'.", low=0.0001, high=1.0, live=True),
    Parameter('root.windows_per_pass', _root.windows_per_pass,
              'Most windows that HDNet looks at in one go, which bounds its memory.', low=1, high=1000, live=True),
    Parameter('root.half', _root.half,
              'Run HDNet in half precision on CUDA.'),
    Parameter('root.child_share', _root.child_share,
              "For root.kind 'combined': how likely anybody is a child, as a share of all people. The higher, the more "
              'HDNet counts where it sees somebody nearer than the size of an adult would have it; 0: adults only.',
              low=0.0, high=1.0, live=True),
    Parameter('root.method', _root.method,
              "Joints on which the geometric method relies: those that agree ('ransac'), 'all', or those of the "
              "'trunk'.", choices=METHODS, live=True),
    Parameter('root.size_sigma', _root.size_sigma,
              'Relative standard deviation of body size that the geometric method reckons with. Depth is uncertain by '
              'the same fraction.', low=0.001, high=1.0, live=True),
    Parameter('root.pelvis_sigma_m', _root.pelvis_sigma_m,
              'Standard deviation of where the skeleton has its root inside the body, in each direction, metres; part '
              "of the geometric method's uncertainty.", low=0.0001, high=1.0, live=True),
    Parameter('root.min_joints', _root.min_joints,
              'The geometric method leaves out people with fewer usable joints.', low=3, high=17, live=True),
    Parameter('root.min_confidence', _root.min_confidence,
              'The geometric method does not use joints below this confidence.', low=0.0, high=0.999, live=True),
    Parameter('root.inlier_m', _root.inlier_m,
              "For root.method 'ransac': a joint agrees with the others if it lies so close to its viewing ray, m.",
              low=0.001, high=10.0, live=True),
    Parameter('root.inlier_px', _root.inlier_px,
              'The share of the image in that, pixels; both add in quadrature.', low=0.0, high=1000.0, live=True),
    Parameter('root.min_depth_m', _root.min_depth_m,
              'Nobody is placed nearer, metres.', low=0.001, high=1000.0, live=True),
    Parameter('root.max_depth_m', _root.max_depth_m,
              'Nobody is placed farther away, metres.', low=0.01, high=10000.0, live=True),

    Parameter('tracker.max_people', _tracker.max_people,
              'Most tracks at any time.', low=1, high=1000, live=True),
    Parameter('tracker.min_hits', _tracker.min_hits,
              'A track is confirmed after so many sightings.', low=1, high=1000, live=True),
    Parameter('tracker.confirm_s', _tracker.confirm_s,
              'A track that was seen twice is also confirmed at this age, seconds.', low=0.0, high=60.0, live=True),
    Parameter('tracker.coast_s', _tracker.coast_s,
              'How long a confirmed person who is not seen is predicted, seconds of message time.',
              low=0.0, high=60.0, live=True),
    Parameter('tracker.tentative_coast_s', _tracker.tentative_coast_s,
              'How long a person who is not confirmed yet and not seen is remembered, seconds; such a person is not '
              'reported meanwhile.', low=0.0, high=60.0, live=True),
    Parameter('tracker.acceleration_density', _tracker.acceleration_density,
              'How readily people change their velocity, m^2/s^3. Without fixed_frame a turning robot adds to it: '
              'raise it there.',
              low=0.001, high=1000.0, live=True),
    Parameter('tracker.initial_speed_sigma', _tracker.initial_speed_sigma,
              'Standard deviation of the speed of people on first sight, m/s.', low=0.001, high=100.0, live=True),
    Parameter('tracker.jitter_fraction', _tracker.jitter_fraction,
              "Share of a position's standard deviation that changes from image to image; the rest stays with the "
              'person, like a body that is taller than assumed.', low=0.01, high=1.0, live=True),
    Parameter('tracker.gate_probability', _tracker.gate_probability,
              'A true match falls inside the gate with this probability.', low=0.5, high=0.999999, live=True),
    Parameter('tracker.newcomer_density', _tracker.newcomer_density,
              'People who appear out of nowhere, per cubic metre; the larger, the sooner somebody new is preferred to '
              'a poor match.', low=1e-9, high=1000.0, live=True),
    Parameter('tracker.rescue_iou', _tracker.rescue_iou,
              'Somebody whose depth leaps stays the same person if the box overlaps the last one by so much '
              '(intersection over union).', low=0.01, high=1.0, live=True),
    Parameter('tracker.late_s', _tracker.late_s,
              'A stamp that is older than the last one by no more than this counts as the same moment, seconds; '
              'beyond, time has jumped back and everybody is forgotten.', low=0.0, high=60.0, live=True),
    Parameter('tracker.id_pool_size', _tracker.id_pool_size,
              'How many different ids are ever used. tf never forgets a frame, so this bounds its memory.',
              low=1, high=100000),
    Parameter('tracker.id_prefix', _tracker.id_prefix,
              'How the ids begin: up to three of a-z and 0-9, the first a letter. Nodes whose prefixes are of one '
              'length and differ never give the same id. Quote it, because ROS takes some for booleans or numbers: '
              """"'n'" in a shell, 'n' in a file. Empty: ids depend on the namespace of the node only."""),

    Parameter('tracker.remember_s', _tracker.remember_s,
              'So long after they were last seen people are recognised where they may have gone, seconds; from '
              'tracker.coast_s on they are no longer reported meanwhile.', low=0.0, high=60.0, live=True),
    Parameter('tracker.leap_s', _tracker.leap_s,
              'A place where a person cannot have gone is believed once it has lasted so long, seconds. 0: at once.',
              low=0.0, high=60.0, live=True),
    Parameter('tracker.appearance', _tracker.appearance,
              'Tell people apart by the colours of their clothes, too.', live=True),
    Parameter('tracker.smooth', _tracker.smooth,
              'Publish filtered roots and skeletons; false: those of the very image.', live=True),
    Parameter('tracker.average_s', _tracker.average_s,
              'Time constant of the average over the places of somebody who stands, seconds.',
              low=0.01, high=60.0, live=True),
    Parameter('tracker.standing_speed_sigma', _tracker.standing_speed_sigma,
              'Standard deviation of the speed of people who stand, m/s.', low=0.001, high=100.0, live=True),
    Parameter('tracker.jitter_memory_s', _tracker.jitter_memory_s,
              'Errors of places and joints are alike from image to image for so long, seconds.',
              low=0.0, high=10.0, live=True),
    Parameter('tracker.joint_sigma_m', _tracker.joint_sigma_m,
              'Standard deviation of a joint relative to the root where the skeleton is sure of it, metres.',
              low=0.0001, high=1.0, live=True),

    Parameter('publish_tf', True,
              'Broadcast the frame body_<id> of everybody who is confirmed.', live=True),
    Parameter('publish_joint_tf', False,
              'Broadcast frames <joint>_<id> as well; needs publish_tf.', live=True),
    Parameter('markers.lifetime_s', 0.5,
              'How long RViz shows a marker when nothing more comes, seconds; at low rates 2.5 times the time from '
              'image to image, but at most 5 s for that reason. 0: for ever.',
              low=0.0, high=60.0, live=True),
    Parameter('markers.max_rate_hz', 0.0,
              'Publish markers at most so often per second. 0: for every image.', low=0.0, high=1000.0, live=True),
    Parameter('debug_image.max_rate_hz', 0.0,
              'Publish the debug image at most so often per second. 0: for every image.',
              low=0.0, high=1000.0, live=True),

    Parameter('consumers.ros4hri.enabled', False,
              'Publish people as bodies of REP-155 on /humans/bodies, for libhri and its RViz plugins. Needs hri_msgs.',
              live=True),
    Parameter('consumers.people.enabled', False,
              'Publish people_msgs/People in the fixed frame on the topic people, for social costmap layers. Needs '
              'people_msgs and fixed_frame.', live=True),
    Parameter('consumers.target.enabled', False,
              'Publish the pose of one person on ~/target_pose, for servers that follow somebody.', live=True),
    Parameter('consumers.target.id', _consumers.target_id,
              'Who that is: the id of a person; the service ~/select_nearest writes it. Empty: whoever is nearest.',
              live=True),
    Parameter('consumers.points.enabled', False,
              'Publish people as a point cloud on ~/points, for obstacle layers and collision monitors.', live=True),
    Parameter('consumers.points.shape', _consumers.points_shape,
              'Points of a person: the mantle of an upright cylinder, or the joints.', choices=SHAPES, live=True),
    Parameter('consumers.points.radius_m', _consumers.points_radius_m,
              'Radius of the cylinder, metres.', low=0.05, high=5.0, live=True),
    Parameter('consumers.points.frame', _consumers.points_frame,
              "Frame of the points: the camera's, or the fixed one, whose z is up.", choices=FRAMES, live=True),
    Parameter('consumers.detections_3d.enabled', False,
              'Publish vision_msgs/Detection3DArray on ~/detections_3d.', live=True),
)

BY_NAME: Mapping[str, Parameter] = {parameter.name: parameter for parameter in PARAMETERS}
DEFAULTS: Mapping[str, Value] = {parameter.name: parameter.default for parameter in PARAMETERS}
