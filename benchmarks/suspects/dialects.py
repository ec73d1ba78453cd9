"""How six languages write the few statements that generated programs are made of, and word their errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


def snake(words: str) -> str:
    return words.replace(" ", "_")


def camel(words: str) -> str:
    first, *rest = words.split()
    return first + "".join(word.capitalize() for word in rest)


def pascal(words: str) -> str:
    return "".join(word.capitalize() for word in words.split())


@dataclass(frozen=True, slots=True)
class Dialect:
    """Templates of one language. `errors` maps an error to (exception type, message)."""

    name: str
    platform: str
    suffix: str
    folder: str
    spell: Callable[[str], str]
    file_open: str
    file_close: str
    function: str
    close: str
    assign: str
    returns: str
    guard: str
    call: str
    attribute: str
    key: str
    query: str
    comment: str
    field: str
    manifest: str
    pin: str
    errors: Mapping[str, tuple[str, str]]


_JAVASCRIPT_ERRORS = {
    "null": ("TypeError", "Cannot read properties of undefined (reading '{name}')"),
    "attribute": ("TypeError", "{thing}.{name} is not a function"),
    "key": ("TypeError", "Cannot read properties of undefined (reading '{name}')"),
    "arguments": ("TypeError", "{function}: missing argument '{name}'"),
    "column": ("QueryFailedError", 'column "{name}" does not exist'),
    "module": ("Error", "Cannot find module './{name}'"),
    "library": ("TypeError", "{name} is not a function"),
    "value": ("RangeError", "Invalid count value: {number}"),
}

PYTHON = Dialect(
    "python",
    "python",
    ".py",
    "shop",
    snake,
    '"""{title}."""\n\n',
    "",
    "def {name}({params}):",
    "",
    "    {x} = {e}",
    "    return {x}",
    "    if {x} is None:\n        return 0",
    "{f}({a})",
    "{x}.{n}",
    '{x}["{n}"]',
    'database.fetch("SELECT {n} FROM {t} WHERE id = %s")',
    "    # {text}",
    "    {n} = Column()",
    "requirements.txt",
    "{n}=={v}",
    {
        "null": ("AttributeError", "'NoneType' object has no attribute '{name}'"),
        "attribute": ("AttributeError", "'{thing}' object has no attribute '{name}'"),
        "key": ("KeyError", "'{name}'"),
        "arguments": ("TypeError", "{function}() missing 1 required positional argument: '{name}'"),
        "column": ("UndefinedColumn", 'column "{name}" does not exist'),
        "module": ("ModuleNotFoundError", "No module named 'shop.{name}'"),
        "library": ("TypeError", "{name}() got an unexpected keyword argument 'strict'"),
        "value": ("ZeroDivisionError", "division by zero"),
    },
)
JAVASCRIPT = Dialect(
    "javascript",
    "node",
    ".js",
    "src",
    camel,
    "// {title}\n\n",
    "",
    "function {name}({params}) {{",
    "}",
    "  const {x} = {e};",
    "  return {x};",
    "  if (!{x}) {{\n    return 0;\n  }}",
    "{f}({a})",
    "{x}.{n}",
    '{x}["{n}"]',
    'database.fetch("SELECT {n} FROM {t} WHERE id = $1")',
    "  // {text}",
    "  {n}: column(),",
    "package.json",
    '    "{n}": "{v}",',
    _JAVASCRIPT_ERRORS,
)
TYPESCRIPT = Dialect(
    "typescript",
    "node",
    ".ts",
    "src/app",
    camel,
    "// {title}\n\n",
    "",
    "export const {name} = ({params}: Input): Output => {{",
    "};",
    "  const {x} = {e};",
    "  return {x};",
    "  if ({x} === undefined) {{\n    return 0;\n  }}",
    "{f}({a})",
    "{x}.{n}",
    "{x}['{n}']",
    "database.fetch('SELECT {n} FROM {t} WHERE id = $1')",
    "  // {text}",
    "  {n}: Column;",
    "package.json",
    '    "{n}": "{v}",',
    _JAVASCRIPT_ERRORS,
)
GO = Dialect(
    "go",
    "go",
    ".go",
    "internal/shop",
    pascal,
    "// {title}\npackage shop\n\n",
    "",
    "func {name}({params} Input) Output {{",
    "}",
    "\t{x} := {e}",
    "\treturn {x}",
    "\tif {x} == nil {{\n\t\treturn 0\n\t}}",
    "{f}({a})",
    "{x}.{n}",
    '{x}["{n}"]',
    'database.Fetch("SELECT {n} FROM {t} WHERE id = $1")',
    "\t// {text}",
    "\t{n} Column",
    "go.mod",
    "\tgithub.com/acme/{n} v{v}",
    {
        "null": ("runtime.Error", "invalid memory address or nil pointer dereference"),
        "attribute": ("*errors.errorString", "{thing} has no field {name}"),
        "key": ("*errors.errorString", 'missing key "{name}"'),
        "arguments": ("*errors.errorString", "{function}: argument {name} is required"),
        "column": ("*pq.Error", 'pq: column "{name}" does not exist'),
        "module": ("*fs.PathError", "open shop/{name}: no such file or directory"),
        "library": ("*errors.errorString", "{name}: unsupported option strict"),
        "value": ("runtime.Error", "integer divide by zero"),
    },
)
JAVA = Dialect(
    "java",
    "java",
    ".java",
    "src/main/java/com/acme/shop",
    camel,
    "// {title}\npublic final class {stem} {{\n",
    "}\n",
    "  public static Object {name}(Object {params}) {{",
    "  }",
    "    final var {x} = {e};",
    "    return {x};",
    "    if ({x} == null) {{\n      return 0;\n    }}",
    "{f}({a})",
    "{x}.{n}()",
    '{x}.get("{n}")',
    'database.fetch("SELECT {n} FROM {t} WHERE id = ?")',
    "    // {text}",
    "  private Column {n};",
    "pom.xml",
    "    <artifactId>{n}</artifactId><version>{v}</version>",
    {
        "null": ("NullPointerException", 'Cannot invoke "Row.{name}()" because "<local1>" is null'),
        "attribute": ("NoSuchMethodError", "'java.lang.Object com.acme.shop.{thing}.{name}()'"),
        "key": ("NoSuchElementException", "No value present for {name}"),
        "arguments": ("IllegalArgumentException", "{function}: parameter {name} must not be null"),
        "column": ("PSQLException", 'ERROR: column "{name}" does not exist'),
        "module": ("ClassNotFoundException", "com.acme.shop.{name}"),
        "library": ("NoSuchMethodError", "com.acme.{name}.strict()"),
        "value": ("ArithmeticException", "/ by zero"),
    },
)
RUBY = Dialect(
    "ruby",
    "ruby",
    ".rb",
    "app/services",
    snake,
    "# {title}\n\n",
    "",
    "def {name}({params})",
    "end",
    "  {x} = {e}",
    "  {x}",
    "  return 0 if {x}.nil?",
    "{f}({a})",
    "{x}.{n}",
    '{x}.fetch("{n}")',
    'Database.fetch("SELECT {n} FROM {t} WHERE id = ?")',
    "  # {text}",
    "  column :{n}",
    "Gemfile.lock",
    "    {n} ({v})",
    {
        "null": ("NoMethodError", "undefined method `{name}' for nil:NilClass"),
        "attribute": ("NoMethodError", "undefined method `{name}' for an instance of {thing}"),
        "key": ("KeyError", 'key not found: "{name}"'),
        "arguments": ("ArgumentError", "{function}: missing keyword: :{name}"),
        "column": ("ActiveRecord::StatementInvalid", 'PG::UndefinedColumn: column "{name}" does not exist'),
        "module": ("LoadError", "cannot load such file -- services/{name}"),
        "library": ("ArgumentError", "{name}: unknown keyword: :strict"),
        "value": ("ZeroDivisionError", "divided by 0"),
    },
)

DIALECTS = (PYTHON, JAVASCRIPT, TYPESCRIPT, GO, JAVA, RUBY)
