#!/usr/bin/env python3
"""Writes openapi.yaml as JSON into a C++ source. Usage: embed_openapi.py openapi.yaml out.cpp"""
import json
import sys

import yaml

source, target = sys.argv[1:3]
with open(source, encoding="utf-8") as handle:
    text = json.dumps(yaml.safe_load(handle), separators=(",", ":"), ensure_ascii=True, default=str)
pieces = [text[i : i + 8000] for i in range(0, len(text), 8000)]
with open(target, "w", encoding="utf-8") as out:
    out.write('#include "rest/openapi_text.hpp"\n\nnamespace unigate::rest {\n\nstd::string openApiJson() {\n  std::string text;\n')
    for piece in pieces:
        out.write('  text += R"~json~(' + piece + ')~json~";\n')
    out.write("  return text;\n}\n\n}  // namespace unigate::rest\n")
