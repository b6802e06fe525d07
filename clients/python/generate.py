"""The client's types and operations, written from the API's own description; a test holds that they are what it says.

`make client` runs it.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Schema = Mapping[str, Any]
PACKAGE = Path(__file__).parent / "src" / "atlasnexus_client"
HEAD = '"""{}, from its description by generate.py: changed there, never here."""'
PLAIN = {"string": "str", "number": "float", "integer": "int", "boolean": "bool", "null": "None"}
# What a caller may give for a text of a format.
GIVEN = {"uuid": "Of", "date": "date | str", "binary": "Upload"}
ROOT = "/api/v1/"
# Pages are iterators: the cursor is theirs, and `limit` would read as that of the whole.
OF_PAGES = ("cursor", "limit")
SHAPE = re.compile(r"shapes\.(\w+)")
SHAPES_IMPORTS = """
from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict
"""
# What errors are read from: no operation answers it.
HANDLED = ("ProblemDetails",)


def written(description: Schema) -> dict[str, str]:
    """The generated files by name, formatted."""
    shapes = Shapes(description["components"]["schemas"])
    operations = operations_text(description["paths"], shapes)
    texts = {"operations.py": operations, "shapes.py": shapes.text(operations)}
    return {name: formatted(text) for name, text in texts.items()}


def formatted(text: str) -> str:
    """The text as `ruff format` has it."""
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(PACKAGE / "shapes.py"), "-"],
        input=text,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


# Types


class Shapes:
    """Every object of the description as a TypedDict.

    An object without a name is called by the way to it; the component stands ahead where two would be called the same.
    """

    def __init__(self, components: Mapping[str, Schema]) -> None:
        self.components = components
        self._named: dict[str, str] = {}
        told: dict[str, set[str]] = {}
        for way, schema in self._unnamed():
            told.setdefault(camel(way[1:]), set()).add(canonical(schema))
        for way, schema in self._unnamed():
            short = camel(way[1:])
            is_free = len(told[short]) == 1 and short not in components
            self._named.setdefault(canonical(schema), short if is_free else camel(way))

    def annotation(self, schema: Schema, *, of_caller: bool = False, also: str = "") -> str:
        """The type of a value; `of_caller` what a caller may give for it, `also` a type it may have besides."""
        kinds = dict.fromkeys(self._kinds(schema, of_caller)) or {"Any": None}
        is_nullable = "None" in kinds
        plain = [kind for kind in kinds if kind != "None"]
        return " | ".join([*plain, *([also] if also else []), *(["None"] if is_nullable else [])])

    def text(self, operations: str) -> str:
        """Those that the operations speak of, and those that these speak of, as a module."""
        defined = {name: self._defined(name, schema) for name, schema in self.components.items()}
        for _, schema in self._unnamed():
            name = self._named[canonical(schema)]
            defined.setdefault(name, self._defined(name, schema))
        used, found = set[str](), {*SHAPE.findall(operations), *HANDLED}
        while found:
            used |= found
            found = {name for each in found for name in SHAPE.findall(defined[each])} - used
        body = "\n\n".join(sorted(defined[name] for name in used)).replace("shapes.", "")
        return f"{HEAD.format('What the API takes and answers')}\n{SHAPES_IMPORTS}\n{body}\n"

    def _unnamed(self) -> Iterator[tuple[tuple[str, ...], Schema]]:
        for name, schema in self.components.items():
            for field, inner in schema.get("properties", {}).items():
                yield from _objects((name, field), inner)

    def _kinds(self, schema: Schema, of_caller: bool) -> Iterator[str]:
        """Each type a value may have."""
        if "$ref" in schema:
            yield f"shapes.{schema['$ref'].rpartition('/')[2]}"
        elif "enum" in schema:
            yield f"Literal[{', '.join(json.dumps(each) for each in schema['enum'] if each is not None)}]"
        elif several := choices_of(schema):
            for each in several:
                yield from self._kinds(each, of_caller)
        else:
            kinds = schema.get("type", [])
            for kind in [kinds] if isinstance(kinds, str) else kinds:
                yield self._of_kind(kind, schema, of_caller)

    def _of_kind(self, kind: str, schema: Schema, of_caller: bool) -> str:
        if kind == "array":
            inner = self.annotation(schema.get("items", {}), of_caller=of_caller)
            return f"{'Sequence' if of_caller else 'list'}[{inner}]"
        if kind == "object":
            return self._of_object(schema)
        if kind == "string" and of_caller:
            return GIVEN.get(schema.get("format", ""), "str")
        return PLAIN[kind]

    def _of_object(self, schema: Schema) -> str:
        if schema.get("properties"):
            return f"shapes.{self._named[canonical(schema)]}"
        further = schema.get("additionalProperties")
        return f"dict[str, {self.annotation(further) if isinstance(further, Mapping) else 'Any'}]"

    def _defined(self, name: str, schema: Schema) -> str:
        if not schema.get("properties"):
            return f"{name} = {self.annotation(schema)}\n"
        required = schema.get("required", ())
        lines = [f"class {name}(TypedDict):", *docstring(schema.get("description", ""))]
        for field, inner in schema["properties"].items():
            kind = self.annotation(inner)
            lines.append(f"    {field}: {kind if field in required else f'NotRequired[{kind}]'}")
        return "\n".join(lines) + "\n"


def _objects(way: tuple[str, ...], schema: Schema) -> Iterator[tuple[tuple[str, ...], Schema]]:
    """The objects without a name inside a value, each with the way to it."""
    if schema.get("properties"):
        yield way, schema
    for field, inner in schema.get("properties", {}).items():
        yield from _objects((*way, field), inner)
    for inner in (schema.get("items"), schema.get("additionalProperties"), *choices_of(schema)):
        if isinstance(inner, Mapping):
            yield from _objects(way, inner)


def choices_of(schema: Schema) -> list[Schema]:
    """What a value may be one of."""
    return [each for way in ("oneOf", "anyOf", "allOf") for each in schema.get(way, ())]


def canonical(schema: Schema) -> str:
    """What makes two objects the same: their fields, whatever is said of them, and whether they may be null."""
    return json.dumps(
        {name: each for name, each in schema.items() if name in ("properties", "required")}, sort_keys=True
    )


def camel(way: tuple[str, ...]) -> str:
    """A way as the name of a class.

    >>> camel(("NewRunRequest", "levers", "axes"))
    'NewRunRequestLeversAxes'
    """
    return "".join(part[:1].upper() + part[1:] for word in way for part in word.split("_"))


def docstring(text: str) -> list[str]:
    """The first line of a description as a docstring."""
    line = text.partition("\n")[0]
    return [f'    """{line}"""', ""] if line else []


# Operations


def operations_text(paths: Mapping[str, Mapping[str, Schema]], shapes: Shapes) -> str:
    """All operations as a module; a stream of events is followed by hand."""
    told = [
        method_text(path, method, operation, shapes)
        for path, methods in paths.items()
        for method, operation in methods.items()
        if "text/event-stream" not in answer_of(operation)
    ]
    head = HEAD.format("Every operation of the API")
    return f"""{head}

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

from atlasnexus_client import shapes
from atlasnexus_client.core import Core, Left, Of, Upload, etag_of, given, listing, path_of, verb
from atlasnexus_client.plans import Items, Plan


class Operations(Core):
    \"\"\"Every operation of the API by its name.

    What is about a thing takes its code, or the thing as it was answered. Whatever writes may be given the key under which it
    is done once; without one it makes its own.
    \"\"\"

{"".join(told)}"""


def method_text(path: str, method: str, operation: Schema, shapes: Shapes) -> str:
    """One operation as a method."""
    (media, schema), *_ = [*answer_of(operation).items(), ("", {})]
    items = items_of(schema, shapes)
    parts = [part.strip("{}") if "{" in part else json.dumps(part) for part in path.removeprefix(ROOT).split("/")]
    fields = body_fields(operation, shapes)
    queries = {
        each["name"]: each
        for each in operation.get("parameters", ())
        if each["in"] == "query" and not ((items or media == "*/*") and each["name"] in OF_PAGES)
    }
    taken = [f"{part}: {'Of' if part == 'code' else 'int'}" for part in parts if part.isidentifier()]
    options = [*option_lines(fields, shapes), *option_lines(query_fields(queries), shapes)]
    arguments = [f"path_of({', '.join(parts)})"]
    if queries or items:
        size = {"limit": "page_size"} if items else {}
        arguments.append(f"query=given({same({**dict.fromkeys(queries), **size})})")
    if items:
        options.append("page_size: int | Left = Left.OUT")
    if is_sent_as_json(operation):
        arguments.append(f"body=given({same(fields)})")
    if "file" in fields and not is_sent_as_json(operation):
        arguments.append("upload=file")
    if method != "get":
        options.append('idempotency_key: str = ""')
        arguments.append("key=idempotency_key")
    if any(each["name"] == "If-Match" for each in operation.get("parameters", ())):
        options.append('if_match: str = ""')
        arguments.append("match=if_match or etag_of(code)")
    kind, function, answer = called(items, media, schema, shapes)
    if function == "_call":
        arguments.insert(0, json.dumps(method.upper()))
    signature = ", ".join(["self", *taken, *(["*", *options] if options else [])])
    lines = [
        f"    @{kind}",
        f"    def {operation['operationId']}({signature}) -> {answer}:",
        f'        """{operation["summary"]}"""',
        f"        return self.{function}({', '.join(arguments)})",
    ]
    return "\n".join(lines) + "\n\n"


def called(items: Schema | None, media: str, schema: Schema, shapes: Shapes) -> tuple[str, str, str]:
    """The decorator, the function of the core and the type of an operation."""
    if items is not None:
        return "listing", "_pages", f"Items[{shapes.annotation(items)}]"
    if media == "application/json":
        return "verb", "_call", f"Plan[{shapes.annotation(schema)}]"
    return ("verb", "_download", "Plan[bytes]") if media else ("verb", "_call", "Plan[None]")


def answer_of(operation: Schema) -> Mapping[str, Schema]:
    """The schema of what an operation answers, by media type."""
    answer = next(each for status, each in operation["responses"].items() if status.startswith("2"))
    return {media: content["schema"] for media, content in answer.get("content", {}).items()}


def items_of(schema: Schema, shapes: Shapes) -> Schema | None:
    """The schema of a page's items; None for what is no page."""
    named = shapes.components.get(schema.get("$ref", "").rpartition("/")[2], {})
    fields = named.get("properties", {})
    found: Schema | None = fields["items"]["items"] if {"items", "next"} <= fields.keys() else None
    return found


def is_sent_as_json(operation: Schema) -> bool:
    """True where the body is JSON, not a form."""
    return "application/json" in operation.get("requestBody", {}).get("content", {})


def body_fields(operation: Schema, shapes: Shapes) -> dict[str, tuple[Schema, bool]]:
    """The fields of an operation's body, and whether they must be given."""
    content = operation.get("requestBody", {}).get("content", {})
    if not content:
        return {}
    name = next(iter(content.values()))["schema"]["$ref"].rpartition("/")[2]
    schema = shapes.components[name]
    return {field: (inner, field in schema.get("required", ())) for field, inner in schema["properties"].items()}


def query_fields(queries: Mapping[str, Schema]) -> dict[str, tuple[Schema, bool]]:
    """The fields of an operation's query, and whether they must be given."""
    return {name: (each["schema"], bool(each.get("required"))) for name, each in queries.items()}


def option_lines(fields: Mapping[str, tuple[Schema, bool]], shapes: Shapes) -> list[str]:
    """Fields as keywords of a method."""
    return [
        f"{name}: {shapes.annotation(schema, of_caller=True)}"
        if is_required
        else f"{name}: {shapes.annotation(schema, of_caller=True, also='Left')} = Left.OUT"
        for name, (schema, is_required) in fields.items()
    ]


def same(fields: Mapping[str, Any]) -> str:
    """Fields as keywords of a call, each by the name of its variable."""
    return ", ".join(f"{name}={variable if isinstance(variable, str) else name}" for name, variable in fields.items())


def described() -> Schema:
    """The description of the API as it stands in this repository."""
    import django

    django.setup()
    from api.schema import description

    return description()


if __name__ == "__main__":
    for name, text in written(described()).items():
        (PACKAGE / name).write_text(text)
