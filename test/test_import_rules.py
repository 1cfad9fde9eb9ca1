"""The house rules of the imports: who may import whom, and what importing may cost."""
from __future__ import annotations

import ast
import importlib.util
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = 'hdnet_ros'

# What each part may import of the others; every part may import itself. Modules at the top of the package are the
# part 'base', except those named here.
BASE = 'base'
MAY_IMPORT = {
    BASE: set(),
    'sources': {BASE},
    'network': {BASE},
    'perception': {BASE, 'network'},
    'drawing': {BASE, 'perception'},
    'training': {BASE, 'network', 'perception'},
    'evaluation': {BASE, 'sources', 'network', 'perception', 'drawing', 'training'},
    'cli': {BASE, 'sources', 'network', 'perception', 'drawing', 'training', 'evaluation'},
    'node': {BASE, 'sources', 'network', 'perception', 'drawing', 'training', 'evaluation', 'cli'},
}

ROS_SUFFIXES = ('_msgs', '_srvs', '_interfaces')
ROS_MODULES = {'rclpy', 'message_filters', 'tf2_ros', 'tf2_py', 'cv_bridge', 'tf_transformations', 'launch',
               'launch_ros', 'ament_index_python', 'rosidl_runtime_py', 'diagnostic_updater'}
# The parts that are about networks; elsewhere torch is imported only by the functions that need it.
TORCH_PARTS = ('network/', 'training/', 'evaluation/', 'perception/root/hdnet', 'perception/root/root_windows',
               'perception/device', 'perception/lifter/posenet', 'perception/detector/torchvision', 'cli/bench_network')


@dataclass(frozen=True)
class Import:
    """One imported module: its full name, the file and line, and whether it happens inside a function."""

    name: str
    path: Path
    line: int
    lazy: bool

    def __str__(self) -> str:
        return f'{self.path.relative_to(ROOT)}:{self.line} imports {self.name}'


def part_of(module: str) -> str:
    """The part of the house that a module of the package belongs to."""
    names = module.split('.')
    return names[1] if len(names) > 1 and names[1] in MAY_IMPORT else BASE


def imports_of(path: Path, root: Path = ROOT) -> list[Import]:
    """Everything that a file imports, with relative imports resolved."""
    module = path.relative_to(root).with_suffix('').parts
    folder = module[:-1]
    found: list[Import] = []

    def visit(node: ast.AST, lazy: bool) -> None:
        if isinstance(node, ast.Import):
            found.extend(Import(alias.name, path, node.lineno, lazy) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = folder[:len(folder) - node.level + 1] if node.level else ()
            name = '.'.join([*base, *([node.module] if node.module else [])])
            # `from package import module` names the module, `from module import thing` does not.
            submodules = [f'{name}.{alias.name}' for alias in node.names
                          if is_module(root / Path(*name.split('.')), alias.name) or name == PACKAGE]
            found.extend(Import(each, path, node.lineno, lazy) for each in submodules or [name])
        inside = lazy or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        for child in ast.iter_child_nodes(node):
            visit(child, inside)

    visit(ast.parse(path.read_text(encoding='utf-8')), False)
    return found


def is_module(folder: Path, name: str) -> bool:
    return (folder / f'{name}.py').is_file() or (folder / name / '__init__.py').is_file()


def is_ros(name: str) -> bool:
    top = name.split('.')[0]
    return top in ROS_MODULES or top.endswith(ROS_SUFFIXES) or name.startswith((f'{PACKAGE}.msg', f'{PACKAGE}.srv'))


# How the import of an adapter to other software ends on a robot that does not have that software's messages.
NOT_INSTALLED = tuple(f"No module named '{name}'" for name in ('hri_msgs', 'people_msgs'))

FILES = sorted((ROOT / PACKAGE).rglob('*.py'))
IMPORTS = [each for path in FILES for each in imports_of(path)]


def module_of(path: Path) -> str:
    return '.'.join(path.relative_to(ROOT).with_suffix('').parts).removesuffix('.__init__')


MODULES = [module_of(path) for path in FILES if path.name != '__main__.py']


def in_part(each: Import, part: str) -> bool:
    return each.path.relative_to(ROOT / PACKAGE).parts[0] == part


def test_the_finder_of_imports_sees_all_kinds(tmp_path):
    folder = tmp_path / PACKAGE / 'perception'
    folder.mkdir(parents=True)
    (tmp_path / PACKAGE / 'camera.py').touch()
    (folder / 'people.py').touch()
    file = folder / 'example.py'
    file.write_text('import rclpy.node\nfrom ..camera import Camera\nfrom . import people\n'
                    'from hdnet_ros import camera, msg\ndef f():\n    from sensor_msgs.msg import Image\n')
    found = [(each.name, each.lazy) for each in imports_of(file, root=tmp_path)]
    assert found == [('rclpy.node', False), ('hdnet_ros.camera', False), ('hdnet_ros.perception.people', False),
                     ('hdnet_ros.camera', False), ('hdnet_ros.msg', False), ('sensor_msgs.msg', True)]
    assert [is_ros(name) for name, _ in found] == [True, False, False, False, True, True]


def test_only_the_node_imports_ros():
    offenders = [str(each) for each in IMPORTS if is_ros(each.name) and not in_part(each, 'node')]
    assert not offenders, 'ROS is imported outside hdnet_ros/node:\n' + '\n'.join(offenders)
    assert any(is_ros(each.name) for each in IMPORTS)


def test_imports_point_one_way():
    offenders = []
    for each in IMPORTS:
        if not each.name.startswith(f'{PACKAGE}.') or is_ros(each.name):
            continue
        module = '.'.join(each.path.relative_to(ROOT).with_suffix('').parts)
        source, target = part_of(module), part_of(each.name)
        allowed = target == source or target in MAY_IMPORT[source]
        if not allowed:
            offenders.append(f'{each} ({source} may not import {target})')
    assert not offenders, '\n'.join(offenders)


def test_no_files_import_each_other_in_a_circle():
    graph: dict[str, set[str]] = {}
    for each in IMPORTS:
        importer = module_of(each.path)
        graph.setdefault(importer, set()).update({each.name} & set(MODULES))
    tuple(TopologicalSorter(graph).static_order())   # CycleError names the circle


def test_imports_of_the_package_name_modules_that_exist():
    existing = set(MODULES) | {PACKAGE}
    offenders = [str(each) for each in IMPORTS if each.name.startswith(f'{PACKAGE}.') and not is_ros(each.name)
                 and each.name not in existing and each.name.rpartition('.')[0] not in existing]
    assert not offenders, '\n'.join(offenders)


@pytest.mark.parametrize('library', ['torchvision', 'timm', 'rosbags', 'tensorflow', 'matplotlib'])
def test_optional_libraries_are_imported_only_when_used(library):
    offenders = [str(each) for each in IMPORTS if each.name.split('.')[0] == library and not each.lazy]
    assert not offenders, '\n'.join(offenders)


def test_torch_is_imported_at_module_level_only_where_networks_are():
    offenders = [str(each) for each in IMPORTS if each.name.split('.')[0] == 'torch' and not each.lazy
                 and not str(each.path.relative_to(ROOT / PACKAGE)).startswith(TORCH_PARTS)]
    assert not offenders, '\n'.join(offenders)


# Imports each module in a process of its own: a fork of one that has imported no module of the package, only the
# libraries of the first argument (to save time). Reports what went wrong and which heavy libraries came with it.
IMPORT_EACH = '''
import contextlib, importlib, json, os, sys, traceback
for library in sys.argv[1].split(','):
    with contextlib.suppress(ImportError):
        importlib.import_module(library)
for module in sys.argv[2:]:
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        try:
            importlib.import_module(module)
            error = ''
        except BaseException:
            error = traceback.format_exc()
        heavy = [name for name in ('torch', 'torchvision', 'rclpy') if name in sys.modules]
        os.write(write, json.dumps([module, error[-2000:], heavy]).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as answer:
        print(answer.read(), flush=True)
    os.waitpid(child, 0)
'''


def import_each(modules: list[str], preloaded: str) -> dict[str, tuple[str, list[str]]]:
    """For each module: the error of importing it alone ('' if none), and the heavy libraries that are then loaded."""
    done = subprocess.run([sys.executable, '-c', IMPORT_EACH, preloaded, *modules], cwd=ROOT, stdout=subprocess.PIPE,
                          text=True, check=True, timeout=110, env=dict(os.environ, OMP_NUM_THREADS='1'))
    answers = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('[')]
    assert [module for module, _, _ in answers] == modules
    return {module: (error, heavy) for module, error, heavy in answers}


def test_every_module_can_be_imported_on_its_own():
    has_ros = importlib.util.find_spec('rclpy') is not None
    modules = [name for name in MODULES if has_ros or part_of(name) != 'node']
    answers = import_each(modules, preloaded='numpy,cv2,scipy.optimize,torch,rclpy,sensor_msgs.msg,tf2_ros')
    broken = [f'{module}:\n{error}' for module, (error, _) in answers.items()
              if error and not error.rstrip().endswith(NOT_INSTALLED)]
    assert not broken, '\n'.join(broken)


def test_geometry_drawing_and_the_default_pipeline_load_neither_torch_nor_ros():
    light = tuple(f'{PACKAGE}.{name}' for name in (
        'drawing', 'cli.main', 'cli.models', 'perception.people', 'perception.pipeline', 'perception.tracker',
        'perception.root.geometric', 'perception.detector.ssd_mobilenet', 'perception.lifter.blazepose'))
    modules = [name for name in MODULES if part_of(name) == BASE or name.startswith(light)]
    assert set(light) <= set(modules)
    answers = import_each(modules, preloaded='numpy,cv2,scipy.optimize')
    assert {name: heavy for name, (_, heavy) in answers.items() if heavy} == {}
