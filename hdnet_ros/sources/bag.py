"""Images and their calibration from a ROS 2 bag, read with the package ``rosbags`` (no ROS needed)."""
from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from hdnet_ros.camera import CalibrationError, Camera
from hdnet_ros.camera_topics import camera_info_topic
from hdnet_ros.image_decoding import ImageError, decode
from hdnet_ros.sources.source import Frame, Source, SourceError

BAG_SUFFIXES = ('.mcap', '.db3')
_IMAGE_TYPES = ('sensor_msgs/msg/Image', 'sensor_msgs/msg/CompressedImage')
_INFO_TYPE = 'sensor_msgs/msg/CameraInfo'
_REMEMBERED = 100    # CameraInfo, for images that are recorded later


class Bag(Source):
    """One image topic of a bag with the CameraInfo that goes with it.

    Each image gets the CameraInfo of its stamp if that is recorded before the next image, else the newest; those
    recorded before the first CameraInfo get that one.
    path: the bag's folder, or its .mcap or .db3 file.
    image_topic: needed if the bag holds several.
    info_topic: by default the sibling ``camera_info``, else the only CameraInfo if it is of no other image topic.
    rectified: whether the images are (their calibration then is P instead of K and D).
    camera_given: the caller knows the camera, so that CameraInfo is left alone and frames come without one.
    Raises SourceError if rosbags is not installed, the bag is damaged or the topics are not in it; ``frames`` raises
    CalibrationError for a CameraInfo that does not make sense or does not fit its image.
    """

    def __init__(self, path: Path, image_topic: str | None = None, info_topic: str | None = None,
                 rectified: bool = False, camera_given: bool = False):
        try:
            from rosbags import highlevel
            from rosbags.typesys import Stores, get_typestore
        except ImportError as error:
            raise SourceError('reading bags needs the package rosbags; run: pip install rosbags') from error
        self.name = path.name
        self._rectified = rectified
        self._make_reader = lambda: highlevel.AnyReader([path], default_typestore=get_typestore(Stores.ROS2_JAZZY))
        try:
            with self._make_reader() as reader:
                kinds = {c.topic: c.msgtype for c in reader.connections}
                counts = {topic: info.msgcount for topic, info in reader.topics.items()}
                seconds = reader.duration / 1e9
        except Exception as error:    # rosbags raises a class of its own for each storage, and others for damaged files
            raise SourceError(f'cannot read the bag {path}: {error}') from error
        self._image_topic = _choose(kinds, image_topic, _IMAGE_TYPES, 'image', '--image-topic')
        self._info_topic = None if camera_given else _choose_info(kinds, info_topic, self._image_topic)
        self.calibrated = self._info_topic is not None and counts[self._info_topic] > 0
        self.count = counts[self._image_topic]
        self.fps = self.count / seconds if self.count > 1 and seconds > 0 else self.fps

    def frames(self, every: int = 1, start: int = 0) -> Iterator[Frame]:
        for index, (message, info) in enumerate(self._pairs()):
            if index < start or (index - start) % every:
                continue
            try:
                image = decode(message)
            except ImageError as error:
                raise SourceError(f'image {index} of {self._image_topic} in {self.name}: {error}') from error
            camera = self._camera_of(info, image.shape[1], image.shape[0]) if info else None
            yield Frame(image, index, _stamp_ns(message) / 1e9, self.name, camera)

    def _camera_of(self, info: Any, width: int, height: int) -> Camera:
        try:
            return Camera.from_camera_info(info, rectified=self._rectified, image_size=(width, height))
        except CalibrationError as error:
            raise CalibrationError(f'{self._info_topic} in {self.name}: {error}. '
                                   'It does not count if --camera-info, --focal or --hfov is given') from error

    def _pairs(self) -> Iterator[tuple[Any, Any]]:
        """Each image with its CameraInfo; None if the bag has none."""
        with self._make_reader() as reader:
            infos = deque(self._first_info(reader), maxlen=_REMEMBERED)
            waiting = None
            for connection, message in self._messages(reader, self._image_topic, self._info_topic):
                if connection.topic == self._info_topic:
                    infos.append(message)
                else:
                    if waiting is not None:
                        yield waiting, infos[-1] if infos else None
                    waiting = message
                own = waiting and next((i for i in reversed(infos) if _stamp_ns(i) == _stamp_ns(waiting)), None)
                if own:
                    yield waiting, own
                    waiting = None
            if waiting is not None:
                yield waiting, infos[-1] if infos else None

    def _first_info(self, reader: Any) -> list[Any]:
        """Images may be recorded before it, as recorders find one topic after the other."""
        return [message for _, message in islice(self._messages(reader, self._info_topic), 1)]

    def _messages(self, reader: Any, *topics: str | None) -> Iterator[tuple[Any, Any]]:
        """Connection and message of what was recorded on those topics, in order."""
        connections = [c for c in reader.connections if c.topic in topics]
        recorded = reader.messages(connections) if connections else iter(())
        while True:
            try:
                connection, _, raw = next(recorded)
                message = reader.deserialize(raw, connection.msgtype)
            except StopIteration:
                return
            except Exception as error:    # as in opening
                raise SourceError(f'cannot read on in the bag {self.name}: {error}') from error
            yield connection, message


def _stamp_ns(message: Any) -> int:
    return message.header.stamp.sec * 10 ** 9 + message.header.stamp.nanosec


def _choose_info(kinds: dict[str, str], wished: str | None, image_topic: str) -> str | None:
    """The topic of the CameraInfo of those images; None if the bag has none at all."""
    there = [topic for topic, kind in kinds.items() if kind == _INFO_TYPE]
    if wished is None and not there:
        return None
    if wished is None and camera_info_topic(image_topic) in there:
        return camera_info_topic(image_topic)
    chosen = _choose(kinds, wished, (_INFO_TYPE,), 'CameraInfo', '--info-topic')
    owner = next((topic for topic, kind in kinds.items()
                  if kind in _IMAGE_TYPES and camera_info_topic(topic) == chosen), None)
    if wished is None and owner:
        raise SourceError(f'the bag has no CameraInfo beside {image_topic}, and its only one, {chosen}, is that of '
                          f'{owner}: choose one with --info-topic, or give the camera with --camera-info, --focal or '
                          '--hfov')
    return chosen


def _choose(kinds: dict[str, str], wished: str | None, types: tuple[str, ...], what: str, option: str) -> str:
    there = [topic for topic, kind in kinds.items() if kind in types]
    if wished is not None:
        if wished not in there:
            raise SourceError(f'the bag has no {what} topic {wished}; it has {", ".join(there) or "none"}')
        return wished
    if len(there) != 1:
        raise SourceError(f'the bag has {len(there)} {what} topics ({", ".join(there)}): choose one with {option}'
                          if there else f'the bag has no {what} topic')
    return there[0]
