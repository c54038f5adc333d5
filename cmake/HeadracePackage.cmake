# The Debian package (`./run package deb`, or cpack --config build/release/CPackConfig.cmake): the daemon, its unit and settings, and the
# C++ SDK with its CMake package. The Python SDK is the wheel's: it belongs into the environment that has the user's libraries.
set(debian "${CMAKE_SOURCE_DIR}/docker/debian")
set(made "${CMAKE_BINARY_DIR}/package")
install(TARGETS headrace RUNTIME DESTINATION bin COMPONENT daemon)
install(FILES docker/headrace.service DESTINATION /lib/systemd/system COMPONENT daemon)
install(FILES docker/headrace.sysusers DESTINATION lib/sysusers.d RENAME headrace.conf COMPONENT daemon)
install(FILES "${debian}/headrace.toml" DESTINATION /etc/headrace COMPONENT daemon)
install(FILES "${debian}/copyright" THIRD_PARTY_NOTICES "${made}/changelog.gz" DESTINATION share/doc/headrace COMPONENT daemon)
install(FILES "${debian}/lintian-overrides" DESTINATION share/lintian/overrides RENAME headrace COMPONENT daemon)
file(MAKE_DIRECTORY "${made}")
execute_process(COMMAND gzip -9nc "${CMAKE_SOURCE_DIR}/CHANGELOG.md" OUTPUT_FILE "${made}/changelog.gz" COMMAND_ERROR_IS_FATAL ANY)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS CHANGELOG.md)
# CMake strips programs; the archives' debug information is four fifths of them, and none of it is the user's code.
install(CODE "
  file(GLOB archives \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_LIBDIR}/headrace/*.a\")
  if(CMAKE_INSTALL_DO_STRIP AND archives)
    execute_process(COMMAND \"${CMAKE_STRIP}\" --strip-debug \${archives} COMMAND_ERROR_IS_FATAL ANY)
  endif()" COMPONENT sdk)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME headrace)
set(CPACK_PACKAGE_CONTACT "The Headrace contributors")  # a project without an address
set(CPACK_PACKAGE_DIRECTORY "${made}")
set(CPACK_OUTPUT_CONFIG_FILE "${CMAKE_BINARY_DIR}/CPackConfig.cmake")
set(CPACK_SET_DESTDIR ON)  # /etc and /lib
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL daemon sdk)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS passwd)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS
    "python3-venv, g++ (>= 4:12), cmake (>= 3.25), libboost1.81-dev, nlohmann-json3-dev, libexpected-dev")
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "orchestrator for data assets, with its C++ SDK")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"Declare data assets as functions, in Python or C++; IO managers say where
each one's value is stored. Headrace draws the graph, materializes it,
records what was stored where and shows all of it live in a browser.

This package holds the daemon with its page, a systemd unit, and headers,
libraries and the CMake package of the C++ SDK. The Python SDK comes with
the wheel of the same version, for each project's own environment.")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA "${debian}/postinst;${debian}/prerm;${debian}/postrm;${debian}/conffiles")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
