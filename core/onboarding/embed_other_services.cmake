# Writes INPUT (YAML) into a C++ source OUTPUT.
file(READ ${INPUT} text)
file(WRITE ${OUTPUT} "#include \"onboarding/other_services.hpp\"\n\nnamespace unigate::onboarding {\n\nstd::string_view otherServicesText() {\n  return R\"~yaml~(${text})~yaml~\";\n}\n\n}  // namespace unigate::onboarding\n")
