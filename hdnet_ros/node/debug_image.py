"""The camera's image with everybody drawn on it, as a message."""
from __future__ import annotations

import array

import numpy as np
from sensor_msgs.msg import Image
from std_msgs.msg import Header


def image_message(image: np.ndarray, header: Header) -> Image:
    """An (H, W, 3) uint8 BGR image as sensor_msgs/Image."""
    height, width, channels = image.shape
    # rclpy checks every element of any other type of sequence, which takes seconds.
    data = array.array('B')
    data.frombytes(np.ascontiguousarray(image))
    return Image(header=header, height=height, width=width, encoding='bgr8', is_bigendian=0, step=width * channels,
                 data=data)
