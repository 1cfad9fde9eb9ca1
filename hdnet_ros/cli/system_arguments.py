"""Arguments that say which systems to run on a data set or benchmark, and the running of them."""
from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hdnet_ros.cli.pipeline_arguments import SettingsError, add_hdnet_arguments
from hdnet_ros.perception.lifter.config import LifterConfig
from hdnet_ros.perception.lifter.lifter import Lifter, make_lifter
from hdnet_ros.perception.root.config import DEFAULT_CHECKPOINT, RootConfig

if TYPE_CHECKING:
    from hdnet_ros.evaluation.comparison import Predictions
    from hdnet_ros.evaluation.runner import Frame
    from hdnet_ros.evaluation.systems.system import System
    from hdnet_ros.perception.detector.detector import Detector

SYSTEMS_HELP = """\
systems, for --system [LABEL:]NAME[=VALUE]:
  hdnet[=CHECKPOINT]         ours (.safetensors) or a published one (see --preset); default: hdnet_lite
  combined[=CHECKPOINT]      HDNet and geometric_ransac together, as in the node
  rootnet=CHECKPOINT         a published RootNet checkpoint
  geometric_all, geometric_trunk, geometric_ransac
                             the optimisation baselines of table 1, on the skeletons of BlazePose
  box_size[=HEIGHT]          distance from the height of the box, for people HEIGHT metres tall
  constant[=DEPTH]           everybody at the same depth, metres
Without a value, box_size and constant are fitted to synthetic people, or to those of --training."""

_OF_HDNET = ('preset', 'window_policy', 'window_size', 'max_zoom', 'flip_test')
_METRES = {'box_size': 'body_height_m', 'constant': 'depth_m'}     # what the value of these systems is


@dataclass(frozen=True)
class SystemChoice:
    """A system that the user wants to see.

    label: for the table; name: of the system; value: its checkpoint, height or depth as the user wrote it, or ''.
    window_policy: instead of the one that the arguments give to all systems, if not ''.
    """

    label: str
    name: str
    value: str = ''
    window_policy: str = ''

    @classmethod
    def parse(cls, text: str) -> SystemChoice:
        """Read ``[LABEL:]NAME[=VALUE]``; ArgumentTypeError for an unknown name or a value that does not fit."""
        from hdnet_ros.evaluation.systems.registry import NAMES
        head, _, value = text.partition('=')
        label, _, name = head.rpartition(':')
        if name not in NAMES:
            raise argparse.ArgumentTypeError(f'there is no system {name!r}; known: {", ".join(NAMES)}')
        if name == 'rootnet' and not value:
            raise argparse.ArgumentTypeError(f'{name} needs a checkpoint: --system {name}=FILE')
        if name in _METRES and value:
            try:
                good = float(value) > 0
            except ValueError:
                good = False
            if not good:
                raise argparse.ArgumentTypeError(f'{name}={value}: expected a positive number of metres')
        elif name.startswith('geometric') and value:
            raise argparse.ArgumentTypeError(f'{name} takes no value')
        return cls(label or name, name, value)


def add_system_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare --checkpoint, --system and what systems can be told."""
    group = parser.add_argument_group('systems to run')
    group.add_argument('--checkpoint', metavar='FILE', default='', help='run HDNet; short for --system hdnet=FILE')
    group.add_argument('--system', action='append', default=[], type=SystemChoice.parse, metavar='[LABEL:]NAME[=VALUE]',
                       help='run this system, see below; may be given again')
    add_hdnet_arguments(group)
    group.add_argument('--posenet', metavar='FILE', default='',
                       help='PoseNet checkpoint for the skeletons, used with the flip test (default: BlazePose); '
                            'refused where nothing looks at them')
    group.add_argument('--training', type=Path, metavar='FOLDER',
                       help='people in MuCo layout (hdnet synthesize) that box_size and constant are fitted to')
    group.add_argument('--device', metavar='DEV', default='auto', help='cpu, cuda, cuda:1 ... (default: auto)')
    group.add_argument('--runs', type=Path, metavar='DIR', default=Path('runs/evaluation'),
                       help='predictions are kept there; an interrupted run goes on, a finished one is only scored '
                            '(default: %(default)s)')


def chosen_systems(args: argparse.Namespace, default: Sequence[SystemChoice] = ()) -> list[System]:
    """The systems that the arguments name, ready to run.

    default: those to run without --system, instead of --checkpoint alone.
    Raises SettingsError for a system that lacks something and for settings that no system looks at, PredictionError for
    labels that are the same, ModelError or DataSetError if a file is not there.
    """
    return [_system(choice, args) for choice in _choices(args, default)]


def chosen_labels(args: argparse.Namespace) -> list[str]:
    """What ``chosen_systems`` are called, before anything is loaded.

    Raises PredictionError for labels that are the same, also as names of files, and SettingsError as that does.
    """
    return [choice.label for choice in _choices(args)]


def _choices(args: argparse.Namespace, default: Sequence[SystemChoice] = ()) -> list[SystemChoice]:
    from hdnet_ros.evaluation.comparison import check_labels
    choices = list(args.system or default)
    if args.checkpoint and (args.system or not default):
        choices.insert(0, SystemChoice('hdnet', 'hdnet', args.checkpoint))
    check_labels([file_name(choice.label) for choice in choices])    # labels that differ may still share a file
    _check_used(choices, args)
    return choices


def _check_used(choices: Sequence[SystemChoice], args: argparse.Namespace) -> None:
    """SettingsError for what the user has set and nobody would look at."""
    if args.training and not any(choice.name in _METRES and not choice.value for choice in choices):
        raise SettingsError('--training: no system here is fitted to people; leave it out, or add box_size or constant '
                            'without a value')
    default = RootConfig()
    given = [f'--{name.replace("_", "-")}' for name in _OF_HDNET if getattr(args, name) != getattr(default, name)]
    if given and not {choice.name for choice in choices} & {'hdnet', 'combined'}:
        raise SettingsError(f'{", ".join(given)}: only hdnet and combined look at it, and neither is here')


def run_systems_on(args: argparse.Namespace, systems: Sequence[System], frames: Iterable[Frame], data: str, about: dict,
                   joint_set: str | None, lifter: Lifter | None, detector: Detector | None = None) -> list[Predictions]:
    """Run systems over the images of a data set; their predictions.

    data: begins the names of the files in ``args.runs``. about: what else distinguishes this run from others.
    joint_set: the lifter's skeletons are kept in these joints; None keeps none.
    lifter: as ``chosen_lifter`` gives it.
    Raises PredictionError if a file holds another run, and RunError if a system fails.
    """
    from hdnet_ros.evaluation.comparison import Predictions
    from hdnet_ros.evaluation.people_file import PeopleWriter
    from hdnet_ros.evaluation.runner import SystemRun, run_systems
    from hdnet_ros.evaluation.systems.system import about_lifter
    with ExitStack() as stack:
        runs = []
        for system in systems:
            path = args.runs / f'{data}_{file_name(system.name)}.jsonl'
            facts = {**system.about, **about}
            if lifter is not None and (joint_set is not None or system.needs_lifter):
                facts['lifter'] = about_lifter(lifter.config)
            runs.append(SystemRun(system.locator, stack.enter_context(PeopleWriter(path, joint_set, facts))))
        run_systems(runs, lifter, frames, detector=detector, camera_roll_deg=args.camera_roll)
        return [Predictions(run.locator.name, (run.writer.path,)) for run in runs]


def chosen_lifter(args: argparse.Namespace, systems: Sequence[System], keep_skeletons: bool = False) -> Lifter | None:
    """The lifter that the arguments describe; None if no system looks at skeletons and none are to be kept.

    Raises SettingsError if its file is no checkpoint, or if --posenet is given where nothing is lifted.
    """
    if not systems or not (keep_skeletons or any(system.needs_lifter for system in systems)):
        if args.posenet:
            raise SettingsError('--posenet: no skeletons are needed here; leave it out, or add a system that looks at '
                                'them (any with --root-pixel lifter)')
        return None
    sized = [system.name for system in systems if system.needs_size]
    if args.posenet and sized:
        raise SettingsError(f'--posenet: its skeletons have no size, without which {", ".join(sized)} cannot place '
                            'people; leave --posenet out, or choose the systems with --system')
    try:
        return make_lifter(LifterConfig(kind='posenet' if args.posenet else 'blazepose', path=args.posenet,
                                        flip_test=bool(args.posenet),
                                        device=args.device))
    except ValueError as error:
        raise SettingsError(str(error)) from error


def _system(choice: SystemChoice, args: argparse.Namespace) -> System:
    from hdnet_ros.evaluation.benchmarks.synthetic import samples_of
    from hdnet_ros.evaluation.systems.system import NETWORKS, ready_system
    checkpoint, training, simple = DEFAULT_CHECKPOINT, None, {}
    if choice.name in NETWORKS:
        checkpoint = choice.value or DEFAULT_CHECKPOINT
    elif choice.value:
        simple = {_METRES[choice.name]: float(choice.value)}
    elif choice.name in _METRES and args.training:
        training = samples_of(args.training)
    try:
        config = RootConfig(checkpoint=checkpoint, preset=args.preset, device=args.device, root_pixel=args.root_pixel,
                            window_policy=choice.window_policy or args.window_policy, window_size=args.window_size,
                            max_zoom=args.max_zoom, camera_roll_deg=args.camera_roll,
                            flip_test=args.flip_test)
        return ready_system(choice.name, config, label=choice.label, training=training, **simple)
    except ValueError as error:      # settings that make no sense, or a file that is no checkpoint
        raise SettingsError(f'--system {choice.label}: {error}') from error


def file_name(label: str) -> str:
    """A label as part of a file's name."""
    return ''.join(letter if letter.isalnum() or letter in '.-' else '_' for letter in label)
