# The wheel's part of the build: the daemon becomes the command `headrace` beside the Python that the wheel is installed into.
# scikit-build-core (pyproject.toml) says SKBUILD and where scripts go, and strips what was compiled.
if(NOT SKBUILD)
  return()
endif()
if(HEADRACE_DAEMON)
  add_custom_target(headrace)  # what pyproject.toml builds: it is there
  install(PROGRAMS "${HEADRACE_DAEMON}" DESTINATION "${SKBUILD_SCRIPTS_DIR}" RENAME headrace COMPONENT wheel)
  return()
endif()
if(NOT EXISTS "${CMAKE_SOURCE_DIR}/ui/dist/index.html")
  message(FATAL_ERROR "The page is not built, and a wheel without it would be of little use. In a clone: ./run package wheel "
    "(or ./run build, or npm ci && npm run build in ui/, before pip wheel).")
endif()
install(TARGETS headrace RUNTIME DESTINATION "${SKBUILD_SCRIPTS_DIR}" COMPONENT wheel)
