# The libraries, from the distribution or, where that is too old, from the checkout's .deps/ (script/bootstrap puts them there).
find_package(Threads REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(PkgConfig REQUIRED)

set(deps ${CMAKE_SOURCE_DIR}/.deps)

# Boost: headers, and Boost.JSON and Boost.URL linked statically.
if(EXISTS ${deps}/boost/usr/include/boost/version.hpp)
  set(boost_include ${deps}/boost/usr/include)
  file(GLOB boost_lib_dir ${deps}/boost/usr/lib/*-linux-gnu*)
else()
  find_path(boost_include boost/version.hpp REQUIRED)
  set(boost_lib_dir "")
endif()
file(STRINGS ${boost_include}/boost/version.hpp boost_version REGEX "^#define BOOST_VERSION [0-9]+")
string(REGEX REPLACE ".* ([0-9]+).*" "\\1" boost_version "${boost_version}")
if(boost_version LESS 108300)
  message(FATAL_ERROR "Boost >= 1.83 is wanted, ${boost_include} has ${boost_version}: run script/bootstrap")
endif()
find_library(boost_json_library NAMES libboost_json.a boost_json PATHS ${boost_lib_dir} NO_CACHE REQUIRED)
find_library(boost_url_library NAMES libboost_url.a boost_url PATHS ${boost_lib_dir} NO_CACHE REQUIRED)

add_library(boost_headers INTERFACE)
target_include_directories(boost_headers SYSTEM INTERFACE ${boost_include})
target_compile_definitions(boost_headers INTERFACE BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
  BOOST_ALL_NO_LIB)
target_link_libraries(boost_headers INTERFACE Threads::Threads)
add_library(boost_json INTERFACE)
target_link_libraries(boost_json INTERFACE boost_headers ${boost_json_library})
add_library(boost_url INTERFACE)
target_link_libraries(boost_url INTERFACE boost_headers ${boost_url_library})

# Asio and Beast are compiled once, here, instead of in every file that includes them.
add_library(boost_asio_beast STATIC ${CMAKE_SOURCE_DIR}/cmake/boost_asio_beast.cpp)
target_link_libraries(boost_asio_beast PUBLIC boost_headers OpenSSL::SSL OpenSSL::Crypto)

# librdkafka >= 2.12
if(EXISTS ${deps}/librdkafka/lib/pkgconfig/rdkafka-static.pc OR EXISTS ${deps}/librdkafka/lib/librdkafka.a)
  add_library(rdkafka INTERFACE)
  target_include_directories(rdkafka SYSTEM INTERFACE ${deps}/librdkafka/include)
  find_library(zstd_library zstd REQUIRED)
  find_library(lz4_library lz4 REQUIRED)
  find_library(sasl_library sasl2 REQUIRED)
  find_library(curl_library curl REQUIRED)
  target_link_libraries(rdkafka INTERFACE ${deps}/librdkafka/lib/librdkafka.a OpenSSL::SSL OpenSSL::Crypto ZLIB::ZLIB ${zstd_library}
    ${lz4_library} ${sasl_library} ${curl_library} Threads::Threads ${CMAKE_DL_LIBS} m)
else()
  pkg_check_modules(system_rdkafka REQUIRED IMPORTED_TARGET rdkafka>=2.12)
  add_library(rdkafka ALIAS PkgConfig::system_rdkafka)
endif()

# valijson: headers only
if(EXISTS ${deps}/valijson/usr/include/valijson)
  include_directories(SYSTEM ${deps}/valijson/usr/include)
endif()

find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(prometheus-cpp REQUIRED CONFIG COMPONENTS core)
find_package(CLI11 REQUIRED)
pkg_check_modules(yaml_cpp REQUIRED IMPORTED_TARGET yaml-cpp)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(utf8proc REQUIRED IMPORTED_TARGET libutf8proc)
