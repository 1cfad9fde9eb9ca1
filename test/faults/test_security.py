"""What comes from outside is data: it is never run, and never becomes the name of a file, a topic or a command."""
from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / 'hdnet_ros').rglob('*.py'))
NODE = ROOT / 'hdnet_ros' / 'node'

# What runs data, or hands it to a shell.
FORBIDDEN_MODULES = {'cPickle', 'dill', 'cloudpickle', 'shelve', 'marshal', 'jsonpickle', 'joblib', 'code'}
FORBIDDEN_CALLS = {'eval', 'exec', 'compile', '__import__', 'os.system', 'os.popen', 'yaml.load', 'yaml.full_load',
                   'yaml.unsafe_load', 'subprocess.getoutput', 'subprocess.getstatusoutput', 'pandas.read_pickle'}
# Where messages are handled, nothing may touch files, processes or the names of topics. Not meant: tools that start
# nodes or read films, and those modules that only handle parameters and names given at the start, or no data at all.
TOOLS = ('demo/', 'reliability/', 'video_publisher.py', 'parameter_files.py', 'main.py', 'topics.py', 'interrupts.py',
         'memory.py')
TOUCHES_FILES = {'open', 'Path', 'pathlib.Path', 'importlib.import_module', 'os.open', 'os.path.join', 'np.load',
                 'np.fromfile', 'cv2.imread', 'cv2.imwrite', 'cv2.VideoCapture', 'cv2.FileStorage'}
FILE_MODULES = {'subprocess', 'shutil', 'socket', 'urllib', 'requests', 'tempfile', 'ctypes', 'shlex'}
MAKES_TOPICS = ('create_publisher', 'create_subscription', 'create_service', 'create_client', 'declare_parameter')


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Dotted names of what is called, 'torch.load' for instance."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            parts, function = [], node.func
            while isinstance(function, ast.Attribute):
                parts.append(function.attr)
                function = function.value
            parts.append(function.id if isinstance(function, ast.Name) else '...')
            yield '.'.join(reversed(parts)), node


def modules(tree: ast.AST) -> Iterator[str]:
    """Top names of what is imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition('.')[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.partition('.')[0]


def constant(call: ast.Call, keyword: str) -> object:
    """The value of a keyword argument; None if it is not there or not a constant."""
    return next((word.value.value for word in call.keywords
                 if word.arg == keyword and isinstance(word.value, ast.Constant)), None)


def offences(text: str) -> list[str]:
    """Everything in a source that runs data."""
    tree = ast.parse(text)
    found = [f'imports {name}' for name in modules(tree) if name in FORBIDDEN_MODULES]
    for name, call in calls(tree):
        if name in FORBIDDEN_CALLS or constant(call, 'shell') or constant(call, 'allow_pickle'):
            found.append(f'line {call.lineno}: {name}')
        if name == 'torch.load' and constant(call, 'weights_only') is not True:
            found.append(f'line {call.lineno}: torch.load without weights_only=True')
        if name.startswith('pickle.'):
            found.append(f'line {call.lineno}: {name}')
    # Its error may be named, since torch raises it.
    found += [f'line {node.lineno}: from pickle import' for node in ast.walk(tree)
              if isinstance(node, ast.ImportFrom) and node.module == 'pickle']
    return found


@pytest.mark.parametrize('line', [
    'import dill', 'pickle.loads(x)', 'pickle.Unpickler(x).load()', 'from pickle import loads', 'eval(x)',
    'import os; os.system(x)', 'yaml.load(x)', 'subprocess.run(x, shell=True)', 'np.load(x, allow_pickle=True)',
    'torch.load(x)', 'torch.load(x, weights_only=False)'])
def test_the_search_finds(line):
    assert offences(line)


def test_nothing_runs_data():
    assert len(SOURCES) > 100
    found = {str(path.relative_to(ROOT)): offences(path.read_text(encoding='utf-8')) for path in SOURCES}
    assert {path: what for path, what in found.items() if what} == {}


def handlers() -> list[Path]:
    """The modules of the node that see messages."""
    return [path for path in sorted(NODE.rglob('*.py')) if not str(path.relative_to(NODE)).startswith(TOOLS)]


def test_where_messages_are_handled_no_file_or_process_is_touched():
    names = {path.name for path in handlers()}
    assert names >= {'frame_processor.py', 'subscriptions.py', 'detections_message.py', 'person_messages.py'}
    found = []
    for path in [*handlers(), ROOT / 'hdnet_ros' / 'image_decoding.py', ROOT / 'hdnet_ros' / 'calibration.py']:
        tree = ast.parse(path.read_text(encoding='utf-8'))
        found += [f'{path.name} imports {name}' for name in modules(tree) if name in FILE_MODULES]
        allowed = {'Path'} if path.name == 'pipeline_loading.py' else set()   # shows the name of a configured file
        found += [f'{path.name}:{call.lineno} calls {name}' for name, call in calls(tree)
                  if name in TOUCHES_FILES - allowed]
    assert found == []


def test_names_of_topics_do_not_come_from_messages():
    """They are constants, or what the node was given at the start; a message's strings are no arguments of theirs."""
    found = []
    for path in handlers():
        for name, call in calls(ast.parse(path.read_text(encoding='utf-8'))):
            if name.rpartition('.')[2] not in MAKES_TOPICS:
                continue
            for argument in call.args:
                words = {node.attr for node in ast.walk(argument) if isinstance(node, ast.Attribute)}
                if words & {'frame_id', 'header', 'encoding', 'format', 'class_id', 'distortion_model', 'data'}:
                    found.append(f'{path.name}:{call.lineno}')
    assert found == []
