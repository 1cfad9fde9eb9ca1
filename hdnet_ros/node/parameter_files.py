"""The files made from the parameters' definition; ``python -m hdnet_ros.node.parameter_files`` renews them."""
from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

from hdnet_ros.node.parameters import PARAMETERS, Parameter

_TABLE_INTRODUCTION = """# Parameters of the node hdnet

Set them in a file (`params_file:=my.yaml`, see [`config/hdnet.yaml`](../config/hdnet.yaml)), with `-p NAME:=VALUE`, or with `ros2 param set /hdnet NAME VALUE`.
Those marked *live* may change at any time and count from the next image on; the others only while the node is not active.
This page is made by `python -m hdnet_ros.node.parameter_files`.

"""   # noqa: E501


def yaml_text() -> str:
    """What config/hdnet.yaml holds: every parameter with its default and meaning."""
    lines = ['# Parameters of the node hdnet, with their defaults.',
             '# "live" ones may change at any time; the others only while the node is not active.',
             '/**/hdnet:', '  ros__parameters:']
    path: list[str] = []
    for parameter in PARAMETERS:
        *groups, leaf = parameter.name.split('.')
        if groups != path:
            known = _common_length(groups, path)
            lines.extend('    ' + '  ' * depth + f'{group}:' for depth, group in enumerate(groups) if depth >= known)
            path = groups
        indent = '    ' + '  ' * len(groups)
        lines.extend(textwrap.wrap(parameter.description + _limits(parameter), width=110,
                                   initial_indent=f'{indent}# ', subsequent_indent=f'{indent}# '))
        lines.append(f'{indent}{leaf}: {_yaml_value(parameter.default)}')
    return '\n'.join(lines) + '\n'


def _common_length(first: list[str], second: list[str]) -> int:
    """How many names at the beginning two paths share."""
    return next((i for i, (a, b) in enumerate(zip(first, second, strict=False)) if a != b),
                min(len(first), len(second)))


def markdown_table() -> str:
    """The table of parameters for the documentation."""
    rows = ['| Parameter | Default | Meaning |', '| --- | --- | --- |']
    rows += [f'| `{p.name}` | `{_yaml_value(p.default)}` | {p.description}{_limits(p)} |' for p in PARAMETERS]
    return '\n'.join(rows) + '\n'


def _limits(parameter: Parameter) -> str:
    facts = []
    if parameter.choices:
        facts.append(', '.join(parameter.choices))
    if parameter.low is not None:
        facts.append(f'{parameter.low:g} to {parameter.high:g}')
    if parameter.live:
        facts.append('live')
    return f' ({"; ".join(facts)})' if facts else ''


def _yaml_value(value: Any) -> str:
    if isinstance(value, bool):
        return 'true' if value else 'false'
    return f"'{value}'" if isinstance(value, str) else repr(value)


def files() -> dict[str, str]:
    """Path inside the repository and text of every file made from the parameters."""
    return {'config/hdnet.yaml': yaml_text(), 'docs/parameters.md': _TABLE_INTRODUCTION + markdown_table()}


def main() -> None:
    """Write the files into the source folder."""
    for path, text in files().items():
        (Path(__file__).resolve().parents[2] / path).write_text(text, encoding='utf-8')


if __name__ == '__main__':
    main()
