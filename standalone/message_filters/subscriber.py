"""The source of messages: a subscription."""
from __future__ import annotations

from typing import Any

from message_filters.simple_filter import SimpleFilter


class Subscriber(SimpleFilter):
    """A subscription of `node` to `topic`, as a filter.

    Keyword arguments (qos_profile, callback_group, event_callbacks, qos_overriding_options, raw) go to
    `node.create_subscription`; the quality of service is a queue of 10 unless said otherwise.
    The subscription itself is `sub`; its attributes can also be read from the filter.
    """

    def __init__(self, node: Any, msg_type: type, topic: str, /, **kwargs: Any) -> None:
        super().__init__()
        self.node = node
        self.topic = topic
        kwargs.setdefault('qos_profile', 10)
        self.sub = node.create_subscription(msg_type, topic, self.callback, **kwargs)

    def callback(self, msg: Any) -> None:
        """Pass one message on."""
        self.signalMessage(msg)

    def getTopic(self) -> str:
        """The topic's name as it was given."""
        return self.topic

    def __getattr__(self, name: str) -> Any:
        # Called only for what the filter itself lacks. Without `sub` (its creation failed) a look-up would recurse.
        if name == 'sub':
            raise AttributeError(name)
        return getattr(self.sub, name)
