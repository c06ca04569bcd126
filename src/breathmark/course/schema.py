"""JSON Schemas of a course's own files, beside those of its scripts; and the files to start from, which name them."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, TypeAlias

from breathmark.base.errors import RequestError
from breathmark.course.manifest import every_shape
from breathmark.course.shapes import HelpText
from breathmark.script import schema
from breathmark.script.project import looks_like_script

SchemaName: TypeAlias = Literal["course", "help"] | schema.SchemaName


def json_schema(which: SchemaName) -> dict[str, Any]:
    """The schema of ``course.yaml``, of its help file, or of one of the files that scripts need."""
    match which:
        case "course":
            return schema.schema_of(every_shape(), "Breathmark course")
        case "help":
            return schema.schema_of(HelpText, "Breathmark help by region")
        case _:
            return schema.json_schema(which)


_SCHEMAS = ".breathmark"
"""The folder beside the file for the JSON Schema that editors complete YAML by."""
_FIRST = "01-first-session"


def new_meditation(path: Path) -> Path:
    """Write a small, whole meditation to ``path``. Raises RequestError where that can't be, or something is there."""
    return _write(path, "script", "meditation.yaml")


def new_course(path: Path) -> Path:
    """Write a course to ``path``, a folder or a file, with a first session where there is no script yet.

    Returns the manifest. Raises RequestError as ``new_meditation`` does.
    """
    path = path if path.suffix else path / "course.yaml"
    scripts = sorted(each.stem for each in path.parent.glob("*.yaml") if looks_like_script(each))
    _write(path, "course", "course.yaml", sessions="".join(f"\n  - {name}" for name in scripts or [_FIRST]))
    if not scripts:
        new_meditation(path.parent / f"{_FIRST}.yaml")
    return path


def _write(path: Path, schema: SchemaName, starter: str, *, sessions: str = "") -> Path:
    if path.suffix not in {".yaml", ".yml"}:
        command = "meditation evening.yaml" if schema == "script" else "course evenings/course.yaml"
        raise RequestError(f"{path} should end in .yaml", f"such as: breathmark new {command}")
    text = files("breathmark").joinpath("starters", starter).read_text(encoding="utf-8")
    text = text.replace("\n  - SESSIONS", sessions)
    try:
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(f"# yaml-language-server: $schema={_SCHEMAS}/{schema}.json\n{text}")
        _write_schema(path.parent / _SCHEMAS / f"{schema}.json", schema)
    except FileExistsError as exc:
        raise RequestError(f"{path} exists already", "choose another name, or move it first") from exc
    except OSError as exc:
        raise RequestError(f"{path} can't be written: {exc.strerror}", "choose another folder") from exc
    return path


def _write_schema(path: Path, schema: SchemaName) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(json_schema(schema), indent=2, ensure_ascii=False), encoding="utf-8")
