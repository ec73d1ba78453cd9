"""How runtimes spell the file of a stack frame, and how to read a repository path out of it."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from investigator.models.sentry import Frame

FOREIGN_FOLDERS = {"site-packages", "dist-packages", "node_modules", "bower_components", "vendor", "Pods"}
FOREIGN_PLACES = re.compile(
    r"""(^|/)lib/python\d
    | (^|/)(bundle|rubygems|gems|ruby)/([^/]+/)*gems/
    | ^/rustc/ | /\.?cargo/(registry|git)/ | /\.nuget/packages/ | /pkg/mod/
    | ^/usr/(local/)?(lib|go)/ | (^|/)deps/[^/]+/(lib|src)/ | (^|/)golang\.org/ | ^/nix/store/
    """,
    re.VERBOSE,
)
FOREIGN_SCHEMES = (
    "node:",
    "webpack/",
    "native",
    "<",
    "[",
    "(webpack)",
    "chrome-extension:",
    "moz-extension:",
    "safari-extension:",
    "safari-web-extension:",
    "dart:",
)
# Node's own files; Go and others have folders named `internal` in the repository.
NODE_INTERNAL = re.compile(r"internal/.*\.[cm]?js$")
FOREIGN_MODULES = re.compile(
    r"^(java|javax|jakarta|jdk|sun|com\.sun|kotlin|scala|clojure|System|android|dalvik|runtime|net/http)([./]|$)"
)
# Somebody works on these as well, who tells Sentry that they are the application.
FRAMEWORK_MODULES = re.compile(r"^(org\.springframework|kotlinx|androidx|Microsoft)([./]|$)")
SCHEME = re.compile(r"^(app|webpack|webpack-internal|file|ng|rsc|turbopack|capacitor|async):/+")
LOADER_NOISE = re.compile(r"^(\([^)]*\)|\[project\]|_N_E)/")  # webpack layers, turbopack's root, Next.js
DRIVE = re.compile(r"^[A-Za-z]:/")
DART_PACKAGE = re.compile(r"^package:([^/]+)/")
# Deterministic builds of .NET name every repository's root like this, the runtime's as well.
DOTNET_ROOT = "/_/"
BUNDLES = re.compile(r"(\.min\.[cm]?js|\.jsbundle|\.hbc)$")
BUNDLED_COLUMN = 1000  # of a line that no person wrote
# In these languages a file is named after its class, so that a module name says where it lies.
CLASS_FILES = (".java", ".kt", ".kts", ".scala", ".groovy", ".cs", ".vb", ".fs", ".clj")


def is_foreign(frame: Frame) -> bool:
    """True for what cannot lie in the service's own repository: dependencies, the runtime, no file at all."""
    if frame.module and not _looks_absolute(frame.abs_path):
        if FOREIGN_MODULES.match(frame.module):
            return True
        if FRAMEWORK_MODULES.match(frame.module) and not frame.in_app:
            return True
    places = [place.replace("\\", "/") for place in (frame.abs_path, frame.filename) if place]
    if not places:
        return frame.module is None
    if places[0].startswith(DOTNET_ROOT) and not frame.in_app:
        return True
    return any(_is_foreign_place(place) for place in places)


def is_bundled(frame: Frame) -> bool:
    """True for what a build made of many files, when Sentry has no source map to tell which."""
    place = clean(frame.filename or frame.abs_path or "")
    return (frame.column or 0) >= BUNDLED_COLUMN or BUNDLES.search(place) is not None


def spellings(frame: Frame) -> tuple[tuple[str, ...], ...]:
    """Each way the frame names its file, as path segments without what belongs to the machine, best first."""
    places = (_segments(clean(place)) for place in (frame.abs_path, frame.filename) if place)
    return tuple(dict.fromkeys(segments for segments in (_from_module(frame), *places) if segments))


def relative_spellings(frame: Frame) -> tuple[tuple[str, ...], ...]:
    """The spellings that do not start at the root of a machine's disk or of a web host."""
    places = (clean(place) for place in (frame.abs_path, frame.filename) if place)
    relative = (_segments(place) for place in places if not place.startswith("/"))
    return tuple(segments for segments in (_from_module(frame), *relative) if segments)


def clean(place: str) -> str:
    """`place` without scheme, host, query, drive letter and loader noise; absolute paths stay absolute."""
    place = place.replace("\\", "/").strip()
    if place.startswith(("http://", "https://")):
        return unquote(urlsplit(place).path)
    if dart := DART_PACKAGE.match(place):
        return "lib/" + place[dart.end() :]
    if scheme := SCHEME.match(place):
        place = ("/" if scheme[1] == "file" else "") + place[scheme.end() :]
        place = place.partition("?")[0]
    place = DRIVE.sub("/", place)
    while place.startswith(("./", "~/", "../")) or LOADER_NOISE.match(place):
        place = place.partition("/")[2]
    return place


def _segments(path: str) -> tuple[str, ...]:
    """Without steps that are taken back again; empty when they lead out of where the path starts."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == ".." and not parts:
            return ()
        if part == "..":
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return () if "\0" in path else tuple(parts)


def _from_module(frame: Frame) -> tuple[str, ...]:
    """`com.acme.shop.Cart$Line` in `Cart.java` lies in `com/acme/shop/Cart.java`; likewise Go packages."""
    module, file = frame.module, _basename(frame.filename or frame.abs_path)
    if not module or not file:
        return ()
    if file.endswith(CLASS_FILES):
        return (*module.partition("$")[0].split(".")[:-1], file)
    if file.endswith(".go") and "/" in module:
        return (*module.split("/"), file)
    return ()


def _basename(place: str | None) -> str:
    return clean(place).rpartition("/")[2] if place else ""


def _is_foreign_place(place: str) -> bool:
    if place.startswith(FOREIGN_SCHEMES) or NODE_INTERNAL.match(place):
        return True
    path = clean(place)
    return bool(FOREIGN_PLACES.search(path)) or not FOREIGN_FOLDERS.isdisjoint(path.split("/"))


def _looks_absolute(place: str | None) -> bool:
    return bool(place) and clean(place or "").startswith("/")
