"""python -m hdnet_ros.node.reliability: the long trials."""
from __future__ import annotations

import argparse
import sys
from pathlib import Path


def main(arguments: list[str] | None = None) -> int:
    """0 if the node passed, 1 if not; the models and the footage must have been fetched."""
    parser = argparse.ArgumentParser(prog='python -m hdnet_ros.node.reliability', description=__doc__)
    trials = parser.add_subparsers(dest='trial', required=True)
    fuzz = trials.add_parser('fuzz', help='damaged messages, and a good image after each burst')
    fuzz.add_argument('--messages', type=int, default=100_000, help='damaged messages in all (default: %(default)s)')
    fuzz.add_argument('--seed', type=int, default=0, help='decides which (default: %(default)s)')
    fuzz.add_argument('--burst', type=int, default=200, help='messages between good images (default: %(default)s)')
    fuzz.add_argument('--rate', type=float, default=300.0, help='messages per second (default: %(default)s)')
    soak = trials.add_parser('soak', help='hours of real footage, with everything that happens on a robot')
    soak.add_argument('--minutes', type=float, default=30.0, help='default: %(default)s')
    soak.add_argument('--seed', type=int, default=0, help='decides what happens when (default: %(default)s)')
    soak.add_argument('--rate', type=float, default=30.0, help='images per second (default: %(default)s)')
    soak.add_argument('--output', type=Path, default=Path('soak_output'), help='folder (default: %(default)s)')
    options = parser.parse_args(arguments)
    if options.trial == 'fuzz':
        from hdnet_ros.node.reliability.fuzz import run
        return run(options.messages, options.seed, options.burst, options.rate)
    from hdnet_ros.node.reliability.soak import run
    return run(options.minutes, options.seed, options.rate, options.output)


if __name__ == '__main__':
    sys.exit(main())
