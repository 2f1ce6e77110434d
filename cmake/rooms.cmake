# tocsin_room(NAME SOURCES... DEPS...): the folder's static library tocsin_NAME. What a room may include is what it lists in DEPS.
# tocsin_test(NAME SOURCES... DEPS... [LABELS...] [TIMEOUT seconds]): a GoogleTest program whose cases ctest runs one by one.

# One precompiled header, of the standard library and the headers that nearly every file includes.
file(WRITE ${CMAKE_BINARY_DIR}/pch_anchor.cpp "namespace tocsin { extern const int pch_anchor; const int pch_anchor = 0; }\n")
add_library(tocsin_pch STATIC ${CMAKE_BINARY_DIR}/pch_anchor.cpp)
target_link_libraries(tocsin_pch PUBLIC tocsin_options boost_headers fmt::fmt spdlog::spdlog)
target_precompile_headers(tocsin_pch PRIVATE <algorithm> <array> <chrono> <cstdint> <functional> <map> <memory> <optional> <span> <string>
  <string_view> <unordered_map> <utility> <variant> <vector> <boost/asio/any_io_executor.hpp> <boost/asio/awaitable.hpp>
  <boost/json/value.hpp> <boost/system/result.hpp> <fmt/format.h>)

function(tocsin_room name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS" ${ARGN})
  add_library(tocsin_${name} STATIC ${arg_SOURCES})
  target_link_libraries(tocsin_${name} PUBLIC tocsin_options boost_headers fmt::fmt spdlog::spdlog ${arg_DEPS})
  target_precompile_headers(tocsin_${name} REUSE_FROM tocsin_pch)
endfunction()

function(tocsin_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;DEPS;LABELS" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  if(NOT arg_LABELS)
    set(arg_LABELS unit)
  endif()
  add_executable(test_${name} ${arg_SOURCES})
  target_link_libraries(test_${name} PRIVATE tocsin_options boost_headers fmt::fmt spdlog::spdlog ${arg_DEPS} GTest::gmock GTest::gtest_main)
  target_precompile_headers(test_${name} REUSE_FROM tocsin_pch)
  target_compile_definitions(test_${name} PRIVATE TOCSIN_SOURCE_DIR="${CMAKE_SOURCE_DIR}" TOCSIN_BINARY_DIR="${CMAKE_BINARY_DIR}")
  gtest_discover_tests(test_${name} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT} DISCOVERY_TIMEOUT 60)
endfunction()
