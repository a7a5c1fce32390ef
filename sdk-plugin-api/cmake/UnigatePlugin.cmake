# unigate_add_plugin(<target> SOURCES <file>... MANIFEST <id>.plugin.yaml [TRANSCRIPTS <directory>]
#                    [WEBHOOK_VECTORS <file>.json])
#
# Builds a provider plugin the way the ABI asks for: a library <id>.so that exports unigate_plugin_v1 and nothing else,
# binds everything at load time and lies beside a copy of its manifest. Registers `unigate plugin check`, and `unigate
# plugin verify-webhooks` where there are vectors, with CTest when the gateway's program is known (the target `unigate`,
# the variable UNIGATE_PROGRAM, or found in PATH).
#
# UNIGATE_PLUGIN_OUTPUT_DIRECTORY   where library and manifest go; default <build>/plugins
# UNIGATE_PLUGIN_INSTALL_DIRECTORY  where `cmake --install` puts them; default lib/unigate/plugins; OFF: nowhere
set(UNIGATE_PLUGIN_CMAKE_DIRECTORY ${CMAKE_CURRENT_LIST_DIR})

function(unigate_add_plugin target)
  cmake_parse_arguments(ARG "" "MANIFEST;TRANSCRIPTS;WEBHOOK_VECTORS" "SOURCES" ${ARGN})
  if(ARG_UNPARSED_ARGUMENTS OR NOT ARG_SOURCES OR NOT ARG_MANIFEST)
    message(FATAL_ERROR "unigate_add_plugin(${target}): use SOURCES <file>... MANIFEST <id>.plugin.yaml "
                        "[TRANSCRIPTS <directory>] [WEBHOOK_VECTORS <file>.json]; not understood: '${ARG_UNPARSED_ARGUMENTS}'")
  endif()
  get_filename_component(manifest ${ARG_MANIFEST} ABSOLUTE)
  _unigate_plugin_id(${target} ${manifest} id)
  if(NOT UNIGATE_PLUGIN_OUTPUT_DIRECTORY)
    set(UNIGATE_PLUGIN_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/plugins)
  endif()

  add_library(${target} MODULE ${ARG_SOURCES})
  set_target_properties(${target} PROPERTIES
    PREFIX "" OUTPUT_NAME ${id} SUFFIX ".so"
    LIBRARY_OUTPUT_DIRECTORY ${UNIGATE_PLUGIN_OUTPUT_DIRECTORY}
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    C_STANDARD 11 C_STANDARD_REQUIRED ON CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF
    UNIGATE_PLUGIN_MANIFEST ${manifest})
  target_link_libraries(${target} PRIVATE unigate::sdk)
  if(TARGET unigate_options)
    target_link_libraries(${target} PRIVATE unigate_options)
  endif()
  _unigate_need_rapidjson(${target} "${ARG_SOURCES}")
  _unigate_link_options(${target})
  set_property(GLOBAL APPEND PROPERTY UNIGATE_PLUGIN_TARGETS ${target})

  set(copy ${UNIGATE_PLUGIN_OUTPUT_DIRECTORY}/${id}.plugin.yaml)
  add_custom_command(OUTPUT ${copy} DEPENDS ${manifest} COMMENT "Manifest ${id}.plugin.yaml"
    COMMAND ${CMAKE_COMMAND} -E make_directory ${UNIGATE_PLUGIN_OUTPUT_DIRECTORY}
    COMMAND ${CMAKE_COMMAND} -E copy ${manifest} ${copy} VERBATIM)
  # What a conformance run found goes with the plugin where there is such a record.
  get_filename_component(folder ${manifest} DIRECTORY)
  set(verified ${folder}/${id}.verified.json)
  set(verified_copy "")
  if(EXISTS ${verified})
    set(verified_copy ${UNIGATE_PLUGIN_OUTPUT_DIRECTORY}/${id}.verified.json)
    add_custom_command(OUTPUT ${verified_copy} DEPENDS ${verified} COMMENT "Record ${id}.verified.json"
      COMMAND ${CMAKE_COMMAND} -E copy ${verified} ${verified_copy} VERBATIM)
  endif()
  add_custom_target(${target}_manifest ALL DEPENDS ${copy} ${verified_copy})
  add_dependencies(${target} ${target}_manifest)
  _unigate_install_plugin(${target} ${manifest})

  set(transcripts "")
  if(ARG_TRANSCRIPTS)
    get_filename_component(transcripts ${ARG_TRANSCRIPTS} ABSOLUTE)
  endif()
  set(vectors "")
  if(ARG_WEBHOOK_VECTORS)
    get_filename_component(vectors ${ARG_WEBHOOK_VECTORS} ABSOLUTE)
  endif()
  # Deferred: the gateway's own target may be defined later in the same configuration.
  cmake_language(EVAL CODE "cmake_language(DEFER DIRECTORY [[${CMAKE_SOURCE_DIR}]] CALL
    _unigate_register_check [[${target}]] [[${id}]] [[${transcripts}]] [[${vectors}]])")
endfunction()

# The id is said three times (file name, manifest, descriptor); here the first two are compared.
function(_unigate_plugin_id target manifest result)
  get_filename_component(file ${manifest} NAME)
  if(NOT file MATCHES "^([a-z][a-z0-9_]*)\\.plugin\\.yaml$" OR NOT EXISTS ${manifest})
    message(FATAL_ERROR "unigate_add_plugin(${target}): MANIFEST must be an existing file named <id>.plugin.yaml, "
                        "is '${manifest}'")
  endif()
  set(id ${CMAKE_MATCH_1})
  file(STRINGS ${manifest} line REGEX "^id:" LIMIT_COUNT 1)
  if(NOT line MATCHES "^id:[ \t]*[\"']?${id}[\"']?[ \t]*(#.*)?$")
    message(FATAL_ERROR "unigate_add_plugin(${target}): ${file} must say 'id: ${id}', says '${line}'")
  endif()
  set(${result} ${id} PARENT_SCOPE)
endfunction()

function(_unigate_need_rapidjson target sources)
  list(FILTER sources EXCLUDE REGEX "\\.(c|h|map)$")
  if(sources AND NOT RapidJSON_FOUND)
    message(FATAL_ERROR "unigate_add_plugin(${target}): the C++ SDK needs RapidJSON (Debian: rapidjson-dev)")
  endif()
endfunction()

function(_unigate_link_options target)
  set(map ${UNIGATE_PLUGIN_CMAKE_DIRECTORY}/unigate-plugin.map)
  set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS ${map})
  target_compile_options(${target} PRIVATE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fno-gnu-unique>)
  target_link_options(${target} PRIVATE
    -Wl,--version-script=${map} -Wl,-z,relro -Wl,-z,now -Wl,--exclude-libs,ALL)
  # A sanitizer's runtime lives in the program, so its symbols are undefined here.
  string(TOUPPER "${CMAKE_BUILD_TYPE}" type)
  if(NOT UNIGATE_SANITIZE AND NOT "${CMAKE_C_FLAGS} ${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${type}}" MATCHES "-fsanitize")
    target_link_options(${target} PRIVATE -Wl,-z,defs)
  endif()
endfunction()

function(_unigate_install_plugin target manifest)
  if(NOT DEFINED UNIGATE_PLUGIN_INSTALL_DIRECTORY)
    set(UNIGATE_PLUGIN_INSTALL_DIRECTORY lib/unigate/plugins)
  endif()
  if(UNIGATE_PLUGIN_INSTALL_DIRECTORY)
    install(TARGETS ${target} LIBRARY DESTINATION ${UNIGATE_PLUGIN_INSTALL_DIRECTORY})
    install(FILES ${manifest} DESTINATION ${UNIGATE_PLUGIN_INSTALL_DIRECTORY})
    string(REGEX REPLACE "\\.plugin\\.yaml$" ".verified.json" verified ${manifest})
    install(FILES ${verified} DESTINATION ${UNIGATE_PLUGIN_INSTALL_DIRECTORY} OPTIONAL)
  endif()
endfunction()

function(_unigate_register_check target id transcripts vectors)
  if(TARGET unigate)
    set(program $<TARGET_FILE:unigate>)
  else()
    find_program(UNIGATE_PROGRAM unigate)
    set(program ${UNIGATE_PROGRAM})
  endif()
  if(NOT program)
    return()
  endif()
  set(arguments "")
  if(transcripts)
    set(arguments --transcripts ${transcripts})
  endif()
  add_test(NAME plugin_check_${id} COMMAND ${program} plugin check $<TARGET_FILE:${target}> ${arguments})
  if(vectors)
    add_test(NAME plugin_webhooks_${id}
      COMMAND ${program} plugin verify-webhooks --plugin $<TARGET_FILE:${target}> --vectors ${vectors})
  endif()
endfunction()
