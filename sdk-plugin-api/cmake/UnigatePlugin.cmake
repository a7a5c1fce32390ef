# unigate_add_plugin(NAME SOURCES files... MANIFEST file): a provider plugin with the linker settings that the ABI asks
# for, its manifest beside it.
function(unigate_add_plugin name)
  cmake_parse_arguments(ARG "" "MANIFEST" "SOURCES" ${ARGN})
  add_library(${name} MODULE ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE unigate::sdk)
endfunction()
