"""What a good camera shows in the trials: a cut of real footage."""
from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from std_msgs.msg import Header
from vision_msgs.msg import BoundingBox2D, Detection2D, Detection2DArray, ObjectHypothesis, ObjectHypothesisWithPose

from hdnet_ros.models import model_path
from hdnet_ros.perception.detector.config import DetectorConfig
from hdnet_ros.perception.detector.detector import make_detector
from hdnet_ros.sources import open_source

FRAME_ID = 'trial_optical_frame'
_FOCAL_PX = 1300.0   # of the footage at its full size, about


@dataclass(frozen=True, eq=False)
class View:
    """Images that follow each other, (H, W, 3) uint8 BGR, the people's boxes in the first, and the focal length."""

    images: list[np.ndarray]
    boxes: list[np.ndarray]
    focal_px: float

    @property
    def size(self) -> tuple[int, int]:
        """(width, height)."""
        return self.images[0].shape[1], self.images[0].shape[0]


def load_view(count: int = 1, scale: float = 0.25) -> View:
    """The first images of the sample footage, with two people; ModelError if it has not been fetched."""
    images = []
    for frame in open_source(str(model_path('pose2sim_footage') / 'cam02.mp4')).frames():
        images.append(cv2.resize(frame.image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
        if len(images) == count:
            break
    boxes = [detection.box for detection in make_detector(DetectorConfig()).detect(images[0])]
    return View(images, boxes, _FOCAL_PX * scale)


def header_of(stamp_ns: int, frame_id: str = FRAME_ID) -> Header:
    """A header with that stamp."""
    header = Header(frame_id=frame_id)
    header.stamp.sec, header.stamp.nanosec = divmod(stamp_ns, 1_000_000_000)
    return header


def image_message(image: np.ndarray, stamp_ns: int) -> Image:
    """(H, W, 3) uint8 BGR as a raw image."""
    message = Image(header=header_of(stamp_ns), width=image.shape[1], height=image.shape[0], encoding='bgr8',
                    step=3 * image.shape[1])
    message.data.frombytes(image.tobytes())
    return message


def jpeg_message(image: np.ndarray, stamp_ns: int) -> CompressedImage:
    """(H, W, 3) uint8 BGR as a JPEG."""
    message = CompressedImage(header=header_of(stamp_ns), format='bgr8; jpeg compressed bgr8')
    message.data.frombytes(cv2.imencode('.jpg', image)[1].tobytes())
    return message


def info_message(width: int, height: int, focal_px: float, stamp_ns: int) -> CameraInfo:
    """The calibration of a pinhole camera."""
    cx, cy = (width - 1) / 2, (height - 1) / 2
    return CameraInfo(header=header_of(stamp_ns), width=width, height=height, distortion_model='plumb_bob', d=[0.0] * 5,
                      k=[focal_px, 0.0, cx, 0.0, focal_px, cy, 0.0, 0.0, 1.0], r=np.eye(3).ravel().tolist(),
                      p=[focal_px, 0.0, cx, 0.0, 0.0, focal_px, cy, 0.0, 0.0, 0.0, 1.0, 0.0])


def detections_message(boxes: list[np.ndarray], stamp_ns: int) -> Detection2DArray:
    """People in boxes (x_min, y_min, x_max, y_max)."""
    message = Detection2DArray(header=header_of(stamp_ns))
    for x_min, y_min, x_max, y_max in np.asarray(boxes, float).reshape(-1, 4):
        box = BoundingBox2D(size_x=x_max - x_min, size_y=y_max - y_min)
        box.center.position.x, box.center.position.y = (x_min + x_max) / 2, (y_min + y_max) / 2
        person = ObjectHypothesisWithPose(hypothesis=ObjectHypothesis(class_id='person', score=0.9))
        message.detections.append(Detection2D(header=message.header, bbox=box, results=[person]))
    return message
