# Writes INPUT (JSON text) into a C++ source OUTPUT.
file(READ ${INPUT} text)
file(WRITE ${OUTPUT} "#include \"app/config_schema.hpp\"\n\nnamespace unigate::app {\n\nstd::string_view configSchema() {\n  return R\"~json~(${text})~json~\";\n}\n\n}  // namespace unigate::app\n")
