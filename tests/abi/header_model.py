"""Reads plugin.h into structs, fields and constants. The header's form is regular; whatever does not fit is an error, so
that nothing slips past the checks."""
import re
from dataclasses import dataclass, field
from pathlib import Path

SCALARS = {"uint8_t": 1, "uint32_t": 4, "int32_t": 4, "uint64_t": 8, "int64_t": 8}
POINTER = 8

_FUNCTION = re.compile(r"^(?P<result>.+?)\(\s*\*\s*(?P<name>\w+)\s*\)\s*\((?P<arguments>.*)\)$", re.DOTALL)
_PLAIN = re.compile(r"^(?P<type>.+?)\b(?P<name>\w+)(?:\[(?P<count>\d+)\])?$", re.DOTALL)


class HeaderError(Exception):
    pass


@dataclass(frozen=True)
class Field:
    type: str  # normalised text; of a function its whole signature
    name: str
    size: int
    align: int
    by_value: str  # name of a struct that stands here by value, else empty


@dataclass
class Struct:
    name: str
    fields: list = field(default_factory=list)
    size: int = 0
    align: int = 1
    offsets: list = field(default_factory=list)
    holes: list = field(default_factory=list)


@dataclass
class Header:
    structs: dict = field(default_factory=dict)
    constants: dict = field(default_factory=dict)
    declarations: list = field(default_factory=list)  # typedefs and functions, normalised


def squeeze(text: str) -> str:
    return re.sub(r"\s*([*,()\[\]])\s*", r"\1", " ".join(text.split()))


def _field(text: str, structs: dict) -> Field:
    function = _FUNCTION.match(text)
    if function:
        signature = f"{squeeze(function['result'])}(*)({squeeze(function['arguments'])})"
        return Field(signature, function["name"], POINTER, POINTER, "")
    plain = _PLAIN.match(text)
    if not plain:
        raise HeaderError(f"a member that is not understood: '{text}'")
    type_name, count = squeeze(plain["type"]), int(plain["count"] or 1)
    shown = type_name + (f"[{count}]" if plain["count"] else "")
    if type_name.endswith("*"):
        return Field(shown, plain["name"], POINTER * count, POINTER, "")
    if type_name in SCALARS:
        return Field(shown, plain["name"], SCALARS[type_name] * count, SCALARS[type_name], "")
    if type_name.startswith("struct ") and type_name[7:] in structs:
        inner = structs[type_name[7:]]
        return Field(shown, plain["name"], inner.size * count, inner.align, inner.name)
    raise HeaderError(f"member '{plain['name']}' has type '{type_name}': only fixed-width integers, pointers and structs "
                      "of this header may stand in a struct")


def _lay_out(struct: Struct):
    offset = 0
    for member in struct.fields:
        padding = -offset % member.align
        if padding:
            struct.holes.append(f"{padding} bytes before '{member.name}'")
        offset += padding
        struct.offsets.append(offset)
        offset += member.size
        struct.align = max(struct.align, member.align)
    if offset % struct.align:
        struct.holes.append(f"{-offset % struct.align} bytes at the end")
    struct.size = offset + -offset % struct.align


def read_header(path) -> Header:
    header = Header()
    text = re.sub(r"/\*.*?\*/", " ", Path(path).read_text(), flags=re.DOTALL)
    text = re.sub(r"#ifdef __cplusplus.*?#endif", " ", text, flags=re.DOTALL)
    for name, value in re.findall(r"^#define (\w+)[ \t]+(\S[^\n]*)$", text, re.MULTILINE):
        if name != "UG_EXPORT":
            header.constants[name] = value.strip()
    text = re.sub(r"^#[^\n]*$", "", text, flags=re.MULTILINE)

    for name, body in re.findall(r"\bstruct (\w+)\s*\{(.*?)\}\s*;", text, re.DOTALL):
        struct = Struct(name)
        for member in body.split(";"):
            if member.strip():
                struct.fields.append(_field(member.strip(), header.structs))
        _lay_out(struct)
        header.structs[name] = struct
    rest = re.sub(r"\bstruct (\w+)\s*\{.*?\}\s*;", "", text, flags=re.DOTALL)
    header.declarations = [squeeze(piece) for piece in rest.split(";") if piece.strip()]
    for piece in header.declarations:
        if not re.match(r"^(struct \w+$|typedef |UG_EXPORT )", piece):
            raise HeaderError(f"a declaration that is not understood: '{piece}'")
    if not header.structs or not header.constants:
        raise HeaderError(f"{path}: no struct or no constant found")
    return header
