# Libraries, all from Debian 12 (docs/dependencies.md says what each is for). One is pinned exactly: Boost 1.81.
set(HEADRACE_BOOST_VERSION 1.81.0)
find_package(Boost ${HEADRACE_BOOST_VERSION} EXACT QUIET)
if(NOT Boost_FOUND)
  set(found "none")
  find_file(boost_version_header boost/version.hpp NO_CACHE)
  if(boost_version_header)
    file(STRINGS "${boost_version_header}" line REGEX "define BOOST_LIB_VERSION ")
    string(REGEX REPLACE ".*\"(.*)\".*" "\\1" found "${line}")
  endif()
  message(FATAL_ERROR "Headrace needs Boost ${HEADRACE_BOOST_VERSION} exactly; found: ${found}. "
    "On Debian 12: apt-get install libboost1.81-dev (it replaces libboost-dev 1.74).")
endif()

# headrace_need(<package> <Debian package>): find it, or say which Debian package brings it.
function(headrace_need package debian)
  find_package(${package} QUIET)
  if(NOT ${package}_FOUND)
    message(FATAL_ERROR "Headrace needs ${package}. On Debian 12: apt-get install ${debian}")
  endif()
endfunction()
find_library(SQLite3_LIBRARY NAMES libsqlite3.a sqlite3)  # the static one where there is one
headrace_need(SQLite3 libsqlite3-dev)
headrace_need(fmt libfmt-dev)
headrace_need(spdlog libspdlog-dev)
headrace_need(nlohmann_json nlohmann-json3-dev)
headrace_need(tl-expected libexpected-dev)
headrace_need(CLI11 libcli11-dev)
headrace_need(Threads libc6-dev)
if(HEADRACE_TESTS)
  headrace_need(GTest libgtest-dev)
endif()
find_path(HEADRACE_TOMLPLUSPLUS toml++/toml.h)
if(NOT HEADRACE_TOMLPLUSPLUS)
  message(FATAL_ERROR "Headrace needs toml++. On Debian 12: apt-get install libtomlplusplus-dev")
endif()

# yaml-cpp: the static library, which leaves what is not used out of the daemon and out of its memory.
headrace_need(yaml-cpp libyaml-cpp-dev)
find_library(HEADRACE_YAML NAMES libyaml-cpp.a yaml-cpp)
find_path(HEADRACE_YAML_HEADERS yaml-cpp/yaml.h)
add_library(headrace_yaml INTERFACE)
target_link_libraries(headrace_yaml INTERFACE "${HEADRACE_YAML}")
target_include_directories(headrace_yaml SYSTEM INTERFACE "${HEADRACE_YAML_HEADERS}")
add_library(headrace::yaml ALIAS headrace_yaml)

# Boost with Asio and Beast compiled separately: server/async and server/http each hold one source with their impl/src.hpp.
add_library(headrace_boost INTERFACE)
target_link_libraries(headrace_boost INTERFACE Boost::headers Threads::Threads)
target_compile_definitions(headrace_boost INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
add_library(headrace::boost ALIAS headrace_boost)

# fmt and spdlog, one source each: Debian has no static libraries of them, and neither the daemon nor users of the C++ SDK should need
# them installed.
foreach(name IN ITEMS fmt spdlog)
  get_target_property(directory ${name}::${name} INTERFACE_INCLUDE_DIRECTORIES)
  add_library(headrace_${name} STATIC "${CMAKE_CURRENT_SOURCE_DIR}/cmake/libraries/${name}.cpp")
  target_include_directories(headrace_${name} SYSTEM PUBLIC $<BUILD_INTERFACE:${directory}>)
endforeach()
add_library(headrace::fmt ALIAS headrace_fmt)
add_library(headrace::log ALIAS headrace_spdlog)
target_compile_definitions(headrace_spdlog PUBLIC SPDLOG_COMPILED_LIB SPDLOG_FMT_EXTERNAL)
target_link_libraries(headrace_spdlog PUBLIC headrace_fmt)
