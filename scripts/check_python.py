"""Tells whether a Python can make the environment: exit code 0, or 1 and one missing thing per line.

Each line is `what is missing<TAB>Debian or Ubuntu package that brings it`. Runs on any Python from 3.6 on, so that old
ones can be told that they are too old.
"""
import os
import platform
import sys
import sysconfig

OLDEST, NEWEST = (3, 10), (3, 13)   # the ROS 2 wheels exist for these


def missing():
    """Pairs of what is missing and the package that brings it ('' where no package does)."""
    version = sys.version_info[:2]
    package = f'python{version[0]}.{version[1]}'
    if not OLDEST <= version <= NEWEST:
        yield (f'Python 3.10 to 3.13 ({sys.executable} is {platform.python_version()}; '
               'PYTHON=/path/to/python chooses another)'), ''
        return
    if platform.system() != 'Linux' or platform.machine() != 'x86_64' or sys.maxsize < 2 ** 32:
        yield ('a 64-bit x86 Linux: ROS 2 from PyPI exists for no other machine (this is '
               f'{platform.system()} {platform.machine()}); install ROS 2 itself and build with colcon'), ''
    libc, libc_version = platform.libc_ver()
    if libc != 'glibc' or tuple(int(part) for part in libc_version.split('.')[:2]) < (2, 28):
        yield f'glibc 2.28 or newer (this is {libc or "another C library"} {libc_version})', ''
    for module in ('venv', 'ensurepip'):
        try:
            __import__(module)
        except ImportError:
            yield 'the Python module ' + module, package + '-venv'
            break
    if not os.path.isfile(os.path.join(sysconfig.get_path('include'), 'Python.h')):
        yield 'the header files of Python (Python.h)', package + '-dev'


if __name__ == '__main__':
    found = list(missing())
    for thing in found:
        print('\t'.join(thing))
    sys.exit(1 if found else 0)
