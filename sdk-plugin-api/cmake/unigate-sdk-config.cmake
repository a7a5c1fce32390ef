# find_package(unigate-sdk): target unigate::sdk (headers) and function unigate_add_plugin().
include(${CMAKE_CURRENT_LIST_DIR}/unigate-sdk-targets.cmake)
get_filename_component(UNIGATE_SCHEMAS_DIRECTORY ${CMAKE_CURRENT_LIST_DIR}/../../unigate/schemas ABSOLUTE)
# Only the C++ part of the SDK needs it; unigate_add_plugin() says so where it is missing.
find_package(RapidJSON QUIET)
include(${CMAKE_CURRENT_LIST_DIR}/UnigatePlugin.cmake)
