"""Stand-in for the Python interface of ROS 2's message_filters."""
from message_filters.approximate_time import ApproximateTimeSynchronizer
from message_filters.simple_filter import SimpleFilter
from message_filters.time_synchronizer import TimeSynchronizer

__all__ = ['ApproximateTimeSynchronizer', 'SimpleFilter', 'TimeSynchronizer']
