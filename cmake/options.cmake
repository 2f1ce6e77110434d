# Compiler and linker settings, carried by the target tocsin_options.
add_library(tocsin_options INTERFACE)
target_compile_options(tocsin_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wcast-align
  -Woverloaded-virtual -Wconversion -Wsign-conversion -Wimplicit-fallthrough -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(tocsin_options INTERFACE -Wno-missing-field-initializers)
  add_link_options(-fuse-ld=lld)
endif()
target_include_directories(tocsin_options INTERFACE ${CMAKE_SOURCE_DIR}/service ${CMAKE_SOURCE_DIR})

# Assertions stay on in every build: "this cannot happen" must stop the relay rather than lose an event.
foreach(config RELEASE RELWITHDEBINFO MINSIZEREL)
  string(REPLACE "-DNDEBUG" "" CMAKE_CXX_FLAGS_${config} "${CMAKE_CXX_FLAGS_${config}}")
endforeach()

set(TOCSIN_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize: address,undefined or thread")
if(TOCSIN_SANITIZE)
  add_compile_options(-fsanitize=${TOCSIN_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${TOCSIN_SANITIZE})
endif()

option(TOCSIN_FUZZ "Build the libFuzzer targets (Clang only)" OFF)
if(TOCSIN_FUZZ)
  # Coverage guides the fuzzer: of all code, as all shares one precompiled header.
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  # The precompiled header needs this sloppiness (ccache manual, "Precompiled headers").
  set(launcher ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(tocsin_options INTERFACE "SHELL:-Xclang -fno-pch-timestamp")
endif()
