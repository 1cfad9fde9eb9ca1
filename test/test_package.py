"""What the package says about itself: one version, declared dependencies, pinned requirements, installed files."""
from __future__ import annotations

import ast
import importlib
import importlib.metadata
import importlib.util
import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = 'hdnet_ros'
MANIFEST = ElementTree.parse(ROOT / 'package.xml').getroot()
REQUIREMENTS = ROOT / 'scripts' / 'requirements'
MESSAGES = sorted((ROOT / 'msg').glob('*.msg'))

# Modules whose name differs from that of their rosdep key or package.
ROSDEP_KEY = {'cv2': 'python3-opencv', 'numpy': 'python3-numpy', 'scipy': 'python3-scipy', 'yaml': 'python3-yaml',
              'tqdm': 'python3-tqdm', 'tf2_ros': 'tf2_ros_py'}
PIP_NAME = {'cv2': 'opencv-python-headless', 'yaml': 'pyyaml', 'ai_edge_litert': 'ai-edge-litert'}
# Imported where they are installed; where not, the user is told their name and tests are skipped.
OPTIONAL = {'torchvision', 'rosbags', 'onnx', 'h5py', 'hri_msgs', 'people_msgs', 'motmetrics', 'trackeval'}
# Declared although no module imports them: programs, and what the generated code needs.
NOT_IMPORTED = {'ament_cmake', 'ament_cmake_python', 'rosidl_default_generators', 'rosidl_default_runtime', 'rviz2',
                'ros2launch', 'python3-pip', 'tf2_ros'}


def setup_literal(name: str):
    """The literal that setup.py assigns to a name or passes as that keyword."""
    for node in ast.walk(ast.parse((ROOT / 'setup.py').read_text())):
        if isinstance(node, ast.keyword) and node.arg == name:
            return ast.literal_eval(node.value)
        if isinstance(node, ast.Assign) and getattr(node.targets[0], 'id', None) == name:
            return ast.literal_eval(node.value)
    raise AssertionError(f'setup.py has no {name}')


def project_name(requirement: str) -> str:
    return re.split(r'[<>=!~;\s]', requirement, maxsplit=1)[0].lower().replace('_', '-')


def requirement_lines(file: str) -> list[str]:
    lines = (REQUIREMENTS / file).read_text().splitlines()
    return [line for line in lines if line and not line.startswith('#')]


def declared(*tags: str) -> set[str]:
    return {element.text for tag in tags for element in MANIFEST.iter(tag)}


def imported_modules(*folders: str) -> dict[str, str]:
    """Top-level names of everything outside the standard library that is imported, and one file that does."""
    found = {}
    for path in [path for folder in folders for path in (ROOT / folder).rglob('*.py')]:
        for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module]
            found.update({name.split('.')[0]: str(path.relative_to(ROOT)) for name in names})
    return {name: file for name, file in found.items() if name not in sys.stdlib_module_names and name != PACKAGE}


IMPORTED = imported_modules(PACKAGE, 'launch')


def ros_packages() -> set[str]:
    keys = declared('depend', 'exec_depend')
    return {name for name in IMPORTED if ROSDEP_KEY.get(name, name) in keys and name not in PIP_NAME} - {
        'numpy', 'scipy', 'tqdm'}


def test_manifest_names_licence_maintainer_and_build():
    assert MANIFEST.get('format') == '3'
    assert MANIFEST.findtext('name') == PACKAGE
    assert MANIFEST.findtext('license') == 'Apache-2.0'
    assert 'Apache License' in (ROOT / MANIFEST.find('license').get('file')).read_text()
    assert re.fullmatch(r'[-\w.]+@[-\w]+(\.[-\w]+)+', MANIFEST.find('maintainer').get('email'))
    assert MANIFEST.findtext('member_of_group') == 'rosidl_interface_packages'
    assert MANIFEST.findtext('export/build_type') == 'ament_cmake'


def test_one_version():
    version = MANIFEST.findtext('version')
    assert re.fullmatch(r'\d+\.\d+\.\d+', version)
    try:
        assert importlib.metadata.version(PACKAGE) == version
    except importlib.metadata.PackageNotFoundError:
        pytest.skip(f'{PACKAGE} is not installed here')


@pytest.mark.parametrize('name', sorted(set(IMPORTED) - OPTIONAL))
def test_everything_imported_is_declared(name):
    keys = declared('depend', 'exec_depend')
    robot = {project_name(line) for line in requirement_lines('robot.txt')}
    pip = {project_name(line) for line in setup_literal('install_requires')}
    pip_name = PIP_NAME.get(name, name)
    assert ROSDEP_KEY.get(name, name) in keys or pip_name in robot, f'{IMPORTED[name]}: {name} is not in package.xml'
    assert pip_name in pip or name in ros_packages(), f'{IMPORTED[name]}: {name} is not in setup.py'


def test_everything_the_tests_import_is_declared():
    keys = declared('depend', 'exec_depend', 'test_depend')
    robot = {project_name(line) for line in requirement_lines('robot.txt')}
    undeclared = {name: file for name, file in imported_modules('test').items()
                  if ROSDEP_KEY.get(name, name) not in keys and PIP_NAME.get(name, name) not in robot
                  and f'python3-{name}' not in keys and name not in OPTIONAL}
    assert undeclared == {}


def test_nothing_is_declared_in_vain():
    used = {ROSDEP_KEY.get(name, name) for name in IMPORTED}
    dependencies = declared('depend', 'exec_depend', 'build_depend', 'buildtool_depend')
    message_types = {match for path in MESSAGES for match in re.findall(r'^(\w+)/', path.read_text(), re.MULTILINE)}
    assert dependencies - used - message_types - NOT_IMPORTED == set()
    pip = {project_name(line) for line in setup_literal('install_requires')}
    assert pip - {PIP_NAME.get(name, name) for name in IMPORTED} == set()


@pytest.mark.parametrize('file', ['run.txt', 'ros.txt', 'build.txt', 'test.txt', 'constraints.txt'])
def test_requirements_are_pinned(file):
    lines = requirement_lines(file)
    assert lines
    loose = [line for line in lines if not re.fullmatch(r'[-\w.]+==[\w.]+(; python_version (<|>=) "3\.\d+")?', line)]
    assert loose == []
    names = [(project_name(line), line.partition(';')[2]) for line in lines]
    assert len(names) == len(set(names))


def test_setup_installs_all_that_pip_would():
    pinned = {project_name(line) for line in requirement_lines('run.txt')}
    assert {project_name(line) for line in setup_literal('install_requires')} <= pinned


def test_every_message_is_built():
    listed = re.findall(r'"msg/(\w+)\.msg"', (ROOT / 'CMakeLists.txt').read_text())
    assert listed == [path.stem for path in MESSAGES]


@pytest.mark.parametrize('path', MESSAGES, ids=lambda path: path.stem)
def test_every_field_has_a_comment(path):
    """On its own line, or in the block of comments right above it."""
    bare, explained = [], False
    for line in path.read_text().splitlines():
        if line.startswith('#'):
            explained = True
        elif not line.strip():
            explained = False
        else:
            if not explained and '#' not in line and not re.fullmatch(r'hdnet_ros/\w+\[\] persons', line):
                bare.append(line)
            explained = False
    assert bare == []


@pytest.mark.parametrize('path', MESSAGES, ids=lambda path: path.stem)
def test_built_messages_are_those_of_the_source(path):
    if importlib.util.find_spec('rclpy') is None:
        pytest.skip('no ROS 2 in this environment, so the messages cannot be built')
    message = getattr(importlib.import_module(f'{PACKAGE}.msg'), path.stem)
    fields = re.findall(r'^[\w/]+(?:\[\d*\])? (\w+)\b(?!=)', path.read_text(), re.MULTILINE)
    assert list(message.get_fields_and_field_types()) == fields


@pytest.mark.parametrize('command', sorted(setup_literal('COMMANDS')))
def test_commands_exist_for_pip_and_for_ros(command):
    module, function = setup_literal('COMMANDS')[command].split(':')
    script = ROOT / 'scripts' / command
    assert script.stat().st_mode & 0o111, f'{script} is not executable'
    assert f'from {module} import {function}' in script.read_text()
    assert f'scripts/{command}' in (ROOT / 'CMakeLists.txt').read_text()
    source = ROOT / Path(*module.split('.')).with_suffix('.py')
    functions = [node.name for node in ast.parse(source.read_text()).body if isinstance(node, ast.FunctionDef)]
    assert function in functions


def test_all_data_beside_the_modules_is_installed():
    """setuptools looks from each package, the nearest folder with modules, and not deeper than a pattern says."""
    patterns = setup_literal('package_data')
    files = [path for path in (ROOT / PACKAGE).rglob('*') if path.is_file() and path.suffix not in ('.py', '.pyc')]
    assert files

    def installed(path: Path) -> bool:
        package = next(folder for folder in path.parents if (folder / '__init__.py').is_file())
        inside = path.relative_to(package)
        name = '.'.join(package.relative_to(ROOT).parts)
        return any(len(inside.parts) == len(Path(pattern).parts) and inside.match(pattern)
                   for pattern in (*patterns[''], *patterns.get(name, ())))
    assert [str(path) for path in files if not installed(path)] == []


def test_every_folder_of_modules_is_a_package():
    folders = {path.parent for path in (ROOT / PACKAGE).rglob('*.py')}
    assert [str(folder) for folder in folders if not (folder / '__init__.py').is_file()] == []


def test_colcon_does_not_see_the_stand_ins():
    assert (ROOT / 'standalone' / 'COLCON_IGNORE').is_file()
