# What every target of ours has in common: warnings as errors, sanitizers, and unit tests beside the source.
find_program(UNIGATE_CCACHE ccache)
if(UNIGATE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${UNIGATE_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${UNIGATE_CCACHE})
endif()

add_library(unigate_options INTERFACE)
target_compile_options(unigate_options INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wno-psabi
  $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor>
  $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wduplicated-cond -Wlogical-op -Wsuggest-override>
  -fstack-protector-strong)
if(UNIGATE_SANITIZE)
  target_compile_options(unigate_options INTERFACE -fsanitize=${UNIGATE_SANITIZE} -fno-omit-frame-pointer
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
    # GCC 12 sees overruns in std::string where sanitizers stop it from inlining.
    $<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds> $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
    $<$<CXX_COMPILER_ID:GNU>:-Wno-stringop-overflow>)
  target_link_options(unigate_options INTERFACE -fsanitize=${UNIGATE_SANITIZE})
  if(UNIGATE_SANITIZE MATCHES undefined)
    target_compile_options(unigate_options INTERFACE -fno-sanitize-recover=undefined)
  endif()
endif()
set_property(GLOBAL PROPERTY UNIGATE_PCH "")

find_package(Threads REQUIRED)

# Test runner main and the precompiled Catch2 header, shared by all unit tests.
if(UNIGATE_TESTS)
  find_package(Catch2 2 REQUIRED)
  file(WRITE ${CMAKE_BINARY_DIR}/catch_main.cpp "#define CATCH_CONFIG_MAIN\n#include <catch2/catch.hpp>\n")
  add_library(unigate_catch_main STATIC ${CMAKE_BINARY_DIR}/catch_main.cpp)
  target_link_libraries(unigate_catch_main PUBLIC Catch2::Catch2)
  if(UNIGATE_SANITIZE)
    target_compile_options(unigate_catch_main PUBLIC -fsanitize=${UNIGATE_SANITIZE})
    target_link_options(unigate_catch_main PUBLIC -fsanitize=${UNIGATE_SANITIZE})
  endif()
endif()

# unigate_layer(NAME [LINK libs...]): a static library of one folder of core. Every foo.cpp but *_test.cpp is compiled
# into it; every *_test.cpp goes into one test binary <name>_test that CTest runs.
function(unigate_layer name)
  cmake_parse_arguments(ARG "" "" "LINK;TEST_LINK" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "(_test|_benchmark|/main)\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  if(NOT sources)
    return()
  endif()
  add_library(unigate_${name} STATIC ${sources})
  target_include_directories(unigate_${name} PUBLIC ${CMAKE_SOURCE_DIR}/core)
  target_link_libraries(unigate_${name} PUBLIC ${ARG_LINK} PRIVATE unigate_options)
  if(UNIGATE_TESTS AND tests)
    unigate_test(${name}_test SOURCES ${tests} LINK unigate_${name} ${ARG_TEST_LINK})
  endif()
endfunction()

# unigate_test(NAME SOURCES files... LINK libs...): a Catch2 binary, run by CTest with the contract and corpus folders
# in its environment (tests that need them say "skipped" where they are absent).
function(unigate_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LINK} unigate_catch_main unigate_options)
  target_precompile_headers(${name} PRIVATE <catch2/catch.hpp>)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES ENVIRONMENT
    "UNIGATE_CONTRACTS=${UNIGATE_CONTRACTS};UNIGATE_CORPORA=${UNIGATE_CORPORA};UNIGATE_SOURCE=${CMAKE_SOURCE_DIR}")
endfunction()

foreach(kind CONTRACTS CORPORA)
  if(DEFINED ENV{UNIGATE_${kind}})
    set(UNIGATE_${kind} $ENV{UNIGATE_${kind}})
  else()
    string(TOLOWER ${kind} folder)
    set(UNIGATE_${kind} ${CMAKE_SOURCE_DIR}/../shared/${folder})
  endif()
endforeach()
