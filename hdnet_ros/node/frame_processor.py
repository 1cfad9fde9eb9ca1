"""From one set of input messages to everything that is published for it; runs in the worker's thread."""
from __future__ import annotations

import threading
import time
import traceback
from dataclasses import replace

from rclpy.node import Node
from sensor_msgs.msg import CameraInfo
from std_msgs.msg import Header

from hdnet_ros import msg
from hdnet_ros.camera import CalibrationError, Camera
from hdnet_ros.image_decoding import ImageError, decode
from hdnet_ros.node.detections_message import ClassWatch, read_detections
from hdnet_ros.node.fixed_frame import FixedFrame
from hdnet_ros.node.frame import Frame
from hdnet_ros.node.frame_statistics import FrameStatistics
from hdnet_ros.node.outputs import Outputs
from hdnet_ros.node.pose_lookup import PoseLookup
from hdnet_ros.node.pose_query import PoseQuery
from hdnet_ros.node.settings import Settings
from hdnet_ros.node.subscriptions import InputSet
from hdnet_ros.perception.people import FrameResult
from hdnet_ros.perception.pipeline import Pipeline
from hdnet_ros.perception.tracker.prediction import moved_on

_LOG_EVERY_S = 5.0
_LONGEST_PREDICTION_S = 1.0   # nobody knows where people will be after that
# Clocks that are kept together by NTP differ by less, and so do camera drivers that stamp the end of the exposure.
_AHEAD_S = 0.5
_AHEAD = ('the stamps of the images are {:.1f} s ahead of the clock of this node, so nobody can use tf at the present '
          'time: synchronise the clocks of the computers, or set use_sim_time on all or none')
_NO_FRAME = ('the CameraInfo has no frame_id, so people have no frame and there is no tf; '
             'set it in the camera driver, or set the parameter camera_frame')


class FrameProcessor:
    """Decodes, runs the pipeline, publishes; what is wrong with an image is counted and told, and the next is taken.

    poses: knows where the camera is in the fixed frame; None without a fixed frame.
    """

    def __init__(self, node: Node, pipeline: Pipeline, outputs: Outputs, statistics: FrameStatistics,
                 poses: PoseLookup | None = None) -> None:
        self._node = node
        self._pipeline = pipeline
        self._outputs = outputs
        self._statistics = statistics
        self._poses = poses
        self._classes = ClassWatch()
        self._reset = threading.Event()
        self._frame_id: str | None = None
        self._camera: Camera | None = None
        self._camera_key: tuple | None = None
        self._begun_s: float | None = None

    def request_reset(self) -> None:
        """Forget everybody before the next image; may be called from any thread."""
        self._reset.set()

    @property
    def busy_s(self) -> float | None:
        """Seconds for which the current image has been worked on; None between images."""
        begun_s = self._begun_s
        return None if begun_s is None else time.monotonic() - begun_s

    def process(self, inputs: InputSet, settings: Settings) -> None:
        """Work on one image with the settings of its arrival; faults end up in the statistics and in the log."""
        self._begun_s = time.monotonic()
        try:
            self._process(inputs, settings)
        except CalibrationError as error:
            self.fail(str(error), calibration=f'unusable: {error}')
        except ImageError as error:
            self.fail(str(error))
        except Exception as error:   # one image, however strange, must not end the stream
            if self._node.context.ok():   # else Ctrl-C has taken the publishers away, which is no fault
                self.fail(f'{type(error).__name__}: {error}', traceback.format_exc())
        finally:
            self._begun_s = None

    def fail(self, reason: str, details: str = '', **facts: object) -> None:
        """Count an image as failed and say why; facts are fields of ``FrameFacts``."""
        self._statistics.failed(reason, **facts)
        self._node.get_logger().error(f'an image could not be used: {reason}\n{details}'.rstrip(),
                                      throttle_duration_sec=_LOG_EVERY_S)

    def _process(self, inputs: InputSet, settings: Settings) -> None:
        self._pipeline.configure(settings.pipeline)
        header = _header(inputs, settings.camera_frame)
        self._reset_if_due(header.frame_id)

        clock = _StageClock()
        image = decode(inputs.image)
        size = (image.shape[1], image.shape[0])
        camera = self._camera_of(inputs.camera_info, size, settings.rectified)
        clock.lap('decode')
        detections = None
        if settings.given_detections:
            detections = read_detections(inputs.detections, size, settings.pipeline.detector, settings.class_id)
            self._classes.see(inputs.detections, settings.class_id)
        pose = PoseQuery(self._poses, header, settings.fixed_frame_wait_s, settings.fixed_frame_tolerance_s)
        result = self._pipeline.process(image, camera, header.stamp.sec + header.stamp.nanosec * 1e-9, detections,
                                        pose.ask if self._poses else None)
        clock.take(result.stage_seconds)
        behind = ''
        if settings.predict_to_now:
            result, behind = self._predicted(result, header, pose.found, settings.pipeline.tracker.acceleration_density)
        frame = Frame(header, image, camera, result, pose.found)
        self._outputs.publish(frame, settings.outputs)
        clock.lap('publish')
        warnings = ('' if header.frame_id else _NO_FRAME, pose.problem, behind, self._ahead(header),
                    self._outputs.problem, self._classes.problem if settings.given_detections else '')
        self._conclude(frame, clock.stages, calibration=_describe(camera, settings.rectified),
                       distorted=camera.distorted, warning=next(filter(None, warnings), ''))

    def _reset_if_due(self, frame_id: str) -> None:
        if frame_id != self._frame_id and self._frame_id is not None:
            self.request_reset()   # another camera: its people are others
        self._frame_id = frame_id
        if self._reset.is_set():
            self._reset.clear()
            self._pipeline.reset()

    def _predicted(self, result: FrameResult, header: Header, fixed: FixedFrame | None, acceleration_density: float
                   ) -> tuple[FrameResult, str]:
        """Everybody moved on by the time since the stamp, and why not, if not."""
        late_s = self._outputs.latency_s(header)
        if not late_s <= _LONGEST_PREDICTION_S:
            reason = (f'the images are {late_s:.2g} s old' if late_s > 0 else
                      "the images' stamps and the clock of this node do not agree: synchronise the clocks of the "
                      'computers, or set use_sim_time on all or none')
            return result, f'people are not predicted to now (predict_to_now): {reason}'
        pose = fixed and fixed.camera_pose
        people = (moved_on(person, late_s, pose, acceleration_density) for person in result.people)
        return replace(result, people=tuple(people)), ''

    def _camera_of(self, info: CameraInfo, size: tuple[int, int], rectified: bool) -> Camera:
        """The camera of this very image, made anew only when its CameraInfo has changed."""
        key = (size, rectified, info.width, info.height, info.distortion_model, info.k.tobytes(), info.p.tobytes(),
               tuple(info.d), info.binning_x, info.binning_y, info.roi.x_offset, info.roi.y_offset, info.roi.width,
               info.roi.height)
        if key != self._camera_key:
            self._camera = Camera.from_camera_info(info, rectified=rectified, image_size=size)
            self._camera_key = key
        return self._camera

    def _conclude(self, frame: Frame, stages: dict[str, float], **last_image: object) -> None:
        """Count an image as processed and publish its timing; keywords are fields of ``FrameFacts``."""
        header, result = frame.header, frame.result
        latency_s = self._outputs.latency_s(header)
        self._statistics.succeeded(
            people=len(result.people), depth_range=result.depth_range, stage_seconds=stages, latency_s=latency_s,
            camera_roll_deg=result.camera_roll_deg, fixed_frame=frame.fixed.frame_id if frame.fixed else '',
            **last_image)
        facts = self._statistics.facts()
        self._outputs.publish_timing(msg.Timing(
            header=header, stage_names=list(stages), stage_seconds=list(stages.values()), latency=latency_s,
            images_received=facts.received, images_processed=facts.processed, images_dropped=facts.dropped,
            images_failed=facts.failed))

    def _ahead(self, header: Header) -> str:
        ahead_s = -self._outputs.age_s(header)
        return _AHEAD.format(ahead_s) if ahead_s > _AHEAD_S else ''


def _header(inputs: InputSet, camera_frame: str) -> Header:
    """Stamp of the image, and the frame in which people are."""
    frame_id = camera_frame or inputs.camera_info.header.frame_id or inputs.image.header.frame_id
    return Header(stamp=inputs.image.header.stamp, frame_id=frame_id)


def _describe(camera: Camera, rectified: bool) -> str:
    lens = 'rectified' if rectified else camera.model if camera.distorted else 'no distortion'
    return f'{camera.width}x{camera.height} px, focal length {camera.focal_px:.1f} px, {lens}'


class _StageClock:
    """Wall time of each stage, in order."""

    def __init__(self) -> None:
        self.stages: dict[str, float] = {}
        self._last_s = time.perf_counter()

    def lap(self, name: str) -> None:
        """What was done since the last lap is the stage of this name."""
        now_s = time.perf_counter()
        self.stages[name] = now_s - self._last_s
        self._last_s = now_s

    def take(self, stages: dict[str, float]) -> None:
        """Stages that were measured elsewhere since the last lap."""
        self.stages.update(stages)
        self._last_s = time.perf_counter()
