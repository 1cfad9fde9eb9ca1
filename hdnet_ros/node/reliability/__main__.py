"""python -m hdnet_ros.node.reliability: the long trials."""
from __future__ import annotations

import argparse
import sys
from pathlib import Path

from hdnet_ros.models import ModelError


def main(arguments: list[str] | None = None) -> int:
    """0 if the node passed, 1 if not, 2 if models or footage have not been fetched."""
    parser = argparse.ArgumentParser(prog='python -m hdnet_ros.node.reliability', description=__doc__)
    trials = parser.add_subparsers(dest='trial', required=True)
    damage = trials.add_parser('fuzz', help='damaged messages, and a good image after each burst')
    damage.add_argument('--messages', type=int, default=100_000, help='damaged messages in all (default: %(default)s)')
    damage.add_argument('--seed', type=int, default=0, help='decides which (default: %(default)s)')
    damage.add_argument('--burst', type=int, default=200, help='messages between good images (default: %(default)s)')
    damage.add_argument('--rate', type=float, default=300.0, help='messages per second (default: %(default)s)')
    endure = trials.add_parser('soak', help='hours of real footage, with everything that happens on a robot')
    endure.add_argument('--minutes', type=float, default=30.0,
                        help='at least; until everything has happened once (default: %(default)s)')
    endure.add_argument('--seed', type=int, default=0, help='decides what happens when (default: %(default)s)')
    endure.add_argument('--rate', type=float, default=30.0, help='images per second (default: %(default)s)')
    endure.add_argument('--every', type=float, default=6.0,
                        help='seconds between two things that happen (default: %(default)s)')
    endure.add_argument('--output', type=Path, default=Path('soak_output'), help='folder (default: %(default)s)')
    options = parser.parse_args(arguments)
    try:
        if options.trial == 'fuzz':
            from hdnet_ros.node.reliability import fuzz
            return fuzz.run(options.messages, options.seed, options.burst, options.rate)
        from hdnet_ros.node.reliability import soak
        return soak.run(options.minutes, options.seed, options.rate, options.every, options.output)
    except ModelError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == '__main__':
    sys.exit(main())
