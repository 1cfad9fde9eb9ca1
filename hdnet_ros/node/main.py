"""Entry point of the executable hdnet_node."""
from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress

import rclpy
from rclpy.exceptions import ParameterException
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.signals import SignalHandlerOptions

from hdnet_ros.node.interrupts import ignore_interrupts, take_interrupts

# A JPEG of a few hundred bytes can promise a gigapixel, for which OpenCV would take gigabytes and half a minute.
_MOST_PIXELS = 2 ** 26


def main(args: Sequence[str] | None = None) -> int:
    """Run the node until it is interrupted.

    Returns: 0 after Ctrl-C or a termination signal, 2 if a parameter from outside cannot be taken.
    """
    os.environ.setdefault('OPENCV_IO_MAX_IMAGE_PIXELS', str(_MOST_PIXELS))   # read when OpenCV is loaded, below
    try:
        # rclpy's own handlers would shut all down before those who listen are told that nobody is there any more.
        rclpy.init(args=None if args is None else list(args), signal_handler_options=SignalHandlerOptions.NO)
        interrupted = take_interrupts()
        try:
            return _run()
        except Exception:
            if rclpy.ok() and not interrupted():
                raise
            return 0   # it has broken into something of rclpy's, or that was shut down under our feet
    except (KeyboardInterrupt, ExternalShutdownException):
        return 0
    finally:
        ignore_interrupts()
        rclpy.try_shutdown()


def _run() -> int:
    from hdnet_ros.node.hdnet_node import HDNetNode
    executor = SingleThreadedExecutor()
    try:
        node = HDNetNode()
    except ParameterException as error:
        print(f'hdnet_node: {error}', file=sys.stderr)
        return 2
    executor.add_node(node)
    try:
        executor.spin()
    except (KeyboardInterrupt, ExternalShutdownException):
        pass
    finally:
        ignore_interrupts()
        # Where the context is shut down already, there is nobody to say goodbye to.
        with suppress(Exception):
            node.close()
        executor.shutdown(timeout_sec=1.0)
        node.destroy_node()
    return 0


if __name__ == '__main__':
    sys.exit(main())
