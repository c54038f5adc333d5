# find_package(Headrace) for users of the C++ SDK, in an install (cmake --install build/release --component sdk) and in the build
# folder itself: -DCMAKE_PREFIX_PATH=<install> or =<repository>/build/release.
include(GNUInstallDirs)
set(sdk_targets headrace_core headrace_config headrace_io_managers headrace_sdk)
set(sdk_headers sdk/cpp/include/headrace)
if(TARGET headrace_tables)
  list(APPEND sdk_targets headrace_table_files headrace_tables)
  list(APPEND sdk_headers sdk/cpp/tables/include/headrace)
endif()
foreach(target IN LISTS sdk_targets)
  string(REPLACE "headrace_" "" name ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  target_include_directories(${target} INTERFACE "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
endforeach()

install(TARGETS ${sdk_targets} EXPORT HeadraceTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}/headrace COMPONENT sdk)
install(DIRECTORY ${sdk_headers} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT sdk)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/Headrace)
install(EXPORT HeadraceTargets NAMESPACE headrace:: DESTINATION ${package} COMPONENT sdk)
install(FILES "${CMAKE_BINARY_DIR}/HeadraceConfig.cmake" "${CMAKE_BINARY_DIR}/HeadraceConfigVersion.cmake"
              "${CMAKE_SOURCE_DIR}/cmake/FindHeadraceArrow.cmake" DESTINATION ${package} COMPONENT sdk)

export(EXPORT HeadraceTargets NAMESPACE headrace:: FILE "${CMAKE_BINARY_DIR}/HeadraceTargets.cmake")
configure_file("${CMAKE_SOURCE_DIR}/cmake/HeadraceConfig.cmake.in" "${CMAKE_BINARY_DIR}/HeadraceConfig.cmake" @ONLY)
configure_file("${CMAKE_SOURCE_DIR}/cmake/FindHeadraceArrow.cmake" "${CMAKE_BINARY_DIR}/FindHeadraceArrow.cmake" COPYONLY)
include(CMakePackageConfigHelpers)
write_basic_package_version_file("${CMAKE_BINARY_DIR}/HeadraceConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
