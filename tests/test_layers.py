"""Every import points down, and there is no circle."""

from pathlib import Path

import grimp
from importlinter import cli


def test_imports_point_down_as_pyproject_says(monkeypatch) -> None:
    top = Path(__file__).parents[1]
    assert cli.lint_imports(config_filename=str(top / "pyproject.toml"), no_cache=True) == 0


def test_no_module_is_in_an_import_circle() -> None:
    graph = grimp.build_graph("timetravel", cache_dir=None)
    assert len(graph.modules) > 80
    for module in graph.modules:
        assert module not in graph.find_downstream_modules(module), module
