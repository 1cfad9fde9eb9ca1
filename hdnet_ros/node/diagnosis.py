"""Tells from plain facts how the node is and, when nothing comes out, why."""
from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from diagnostic_msgs.msg import DiagnosticStatus

from hdnet_ros.node.frame_statistics import FrameFacts
from hdnet_ros.node.input_facts import InputFacts, StampGap

# An input or output that is silent for longer is worth a word. With one report per second it is out within two.
SILENCE_S = 0.9
# An image may come twice, and two images of a coarse clock may be alike.
_MAY_BE_ALIKE = 2
_MOST_IMAGES_PER_SET = 2.0
_TOLERABLE_LOSS = 0.2
_RECTIFIED_NAME = re.compile(r'(^|[/_])rect(ified)?([/_]|$)')

OK, WARN, ERROR = DiagnosticStatus.OK, DiagnosticStatus.WARN, DiagnosticStatus.ERROR


@dataclass(frozen=True)
class NodeFacts:
    """All that the diagnosis rests on.

    state: lifecycle state; fault: why the last transition failed, '' if it did not.
    models: names of what is loaded; devices: where it runs.
    active_s: seconds since activation.
    inputs: image, camera_info and, if used, detections, in this order; empty unless active.
    set_age_s: seconds since inputs last matched; None if they never did.
    unmatched: images whose partners never came; images_per_set: how many came lately for each that had partners.
    busy_s: seconds for which the worker has been at the current image; None while it waits.
    """

    state: str
    node_name: str = '/hdnet'
    fault: str = ''
    models: str = ''
    devices: str = ''
    active_s: float = 0.0
    inputs: tuple[InputFacts, ...] = ()
    set_age_s: float | None = None
    unmatched: int = 0
    images_per_set: float = 1.0
    stamp_gap: StampGap | None = None
    slop_s: float = 0.0
    busy_s: float | None = None
    frames: FrameFacts = field(default_factory=FrameFacts)


def diagnose(facts: NodeFacts) -> tuple[bytes, str]:
    """Level and message of the DiagnosticStatus: the first reason, in the order in which a user would look for it."""
    if facts.state != 'active':
        return _not_active(facts)
    if facts.busy_s is not None and facts.busy_s > max(10 * SILENCE_S, 20 * sum(facts.frames.stage_seconds.values())):
        return ERROR, f'the current image has been worked on for {facts.busy_s:.0f} s'
    if facts.active_s > SILENCE_S or facts.frames.processed or facts.frames.failed:
        verdict = _silent_input(facts) or _refused(facts) or _unmatched(facts)
        if verdict:
            return verdict
    if facts.frames.failure:
        return ERROR, facts.frames.failure
    if not facts.frames.processed:
        return OK, 'waiting for the first image'
    warning = (_standing_stamps(facts) or facts.frames.warning or _lossy(facts) or _mixed(facts) or _lonely(facts)
               or _rectified(facts))
    if warning:
        return WARN, warning
    people = facts.frames.people
    return OK, f'{people} {"person" if people == 1 else "people"} in view'


def _not_active(facts: NodeFacts) -> tuple[bytes, str]:
    if facts.fault:
        return ERROR, f'{facts.state}: {facts.fault}'
    transition = {'unconfigured': 'configure', 'inactive': 'activate'}.get(facts.state)
    if transition is None:
        return OK, facts.state
    return WARN, f'{facts.state}: processes nothing until "ros2 lifecycle set {facts.node_name} {transition}"'


def _patience_s(period_s: float) -> float:
    """How long a silence is no news: longer for cameras that send an image every few seconds."""
    return max(SILENCE_S, min(2.5 * period_s, 30.0))


def _silent_input(facts: NodeFacts) -> tuple[bytes, str] | None:
    for entry in facts.inputs:
        if entry.age_s is not None and entry.age_s <= _patience_s(entry.period_s):
            continue
        if entry.problems:
            return ERROR, f'nothing can be received on {entry.topic}: {"; ".join(entry.problems)}'
        if not entry.publishers:
            return WARN, f'no {entry.name}: nobody publishes {entry.topic}' + (f', {entry.hint}' if entry.hint else '')
        since = 'yet' if entry.age_s is None else f'for {entry.age_s:.1f} s'
        publish = 'publishes' if len(entry.publishers) == 1 else 'publish'
        # A few that got lost long ago do not explain why there are none now.
        lossy = entry.lost and (not entry.received or entry.lost_share > _TOLERABLE_LOSS)
        lost = f' and {entry.lost} were lost on the way: {_remedy_of_loss(entry)}' if lossy else ''
        return WARN, (f'no {entry.name} {since}: {_list(entry.publishers)} {publish} {entry.topic}, '
                      f'but no message arrives{lost}')
    return None


def _refused(facts: NodeFacts) -> tuple[bytes, str] | None:
    for entry in facts.inputs:
        if entry.refused:
            return ERROR, f'messages on {entry.topic} cannot be used: {entry.refused}'
    return None


def _standing_stamps(facts: NodeFacts) -> str:
    for image in facts.inputs[:1]:
        # Several cameras may well be stamped alike, and are told of themselves.
        if image.most_alike > _MAY_BE_ALIKE and len(image.publishers) <= 1:
            return ('the stamps of the images do not advance (several in a row have the same one), so nobody can be '
                    'followed: the camera driver must stamp each image with its own time')
    return ''


def _lossy(facts: NodeFacts) -> str:
    for entry in facts.inputs:
        if entry.lost_share > _TOLERABLE_LOSS:
            return (f'{entry.lost_share:.0%} of the messages on {entry.topic} get lost on the way: '
                    f'{_remedy_of_loss(entry)}')
    return ''


def _remedy_of_loss(entry: InputFacts) -> str:
    return ('if they are large, set FASTRTPS_DEFAULT_PROFILES_FILE to config/fastdds_large_images.xml on both sides, '
            f'publish compressed images, or set qos_overrides.{entry.topic}.subscription.reliability to reliable')


def _mixed(facts: NodeFacts) -> str:
    for entry in facts.inputs:
        if len(entry.publishers) > 1:
            return (f'{entry.topic} has {len(entry.publishers)} publishers ({_list(entry.publishers)}), '
                    'so the images of several cameras may be mixed: start one node per camera')
    return ''


def _lonely(facts: NodeFacts) -> str:
    """Images without CameraInfo; that somebody's detector is slower than the camera is as it should be."""
    if len(facts.inputs) != 2 or facts.images_per_set <= _MOST_IMAGES_PER_SET:
        return ''
    image, info = facts.inputs
    return (f'only one in {facts.images_per_set:.0f} images on {image.topic} has a message on {info.topic} with its '
            'stamp, and the others cannot be used: the camera driver must publish one with every image')


def _rectified(facts: NodeFacts) -> str:
    for image in facts.inputs[:1]:
        if facts.frames.distorted and _RECTIFIED_NAME.search(image.topic):
            return (f'{image.topic} seems to be rectified already, but distortion is taken out of it once more: '
                    'set the parameter rectified to true')
    return ''


def _list(names: Sequence[str]) -> str:
    """At most three of them, so that a message stays readable."""
    return ', '.join(names[:3]) + (', ...' if len(names) > 3 else '')


def _unmatched(facts: NodeFacts) -> tuple[bytes, str] | None:
    patience_s = _patience_s(max((entry.period_s for entry in facts.inputs), default=0.0))
    if facts.set_age_s is not None and facts.set_age_s <= patience_s:
        return None
    names = ' and '.join(entry.name for entry in facts.inputs)
    if facts.stamp_gap is None:
        return WARN, f'{names} arrive, but have not matched'
    gap = facts.stamp_gap
    if gap.seconds <= facts.slop_s:
        return WARN, (f'{names} arrive, and their stamps agree, but have not matched for {patience_s:.1f} s; '
                      'if one of them comes much later than the others, raise sync.queue_size')
    return ERROR, (f'the stamps of {gap.first} and {gap.second} differ by {gap.seconds:.3g} s or more, '
                   f'so they never match (sync.slop_s is {facts.slop_s:g} s)')
