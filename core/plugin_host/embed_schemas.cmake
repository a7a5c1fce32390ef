# Writes OUT, a C++ file with the texts of the files MANIFEST and UNIFIED.
set(text "// Generated from the SDK's schemas; do not edit.\n#include \"plugin_host/schemas.hpp\"\n\nnamespace unigate::plugin_host {\n\n")
foreach(kind MANIFEST UNIFIED)
  file(READ ${${kind}} schema)
  string(TOLOWER ${kind} name)
  # The delimiter can't stand in JSON text outside of a string, and no schema says it.
  string(APPEND text "std::string_view ${name}SchemaText() {\n  return R\"unigate_schema(${schema})unigate_schema\";\n}\n\n")
endforeach()
string(APPEND text "}  // namespace unigate::plugin_host\n")
file(WRITE ${OUT} "${text}")
