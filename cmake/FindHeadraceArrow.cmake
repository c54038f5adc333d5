# Where Apache Arrow C++ comes from: an install (find_package(Arrow CONFIG)), else the pyarrow wheel, which holds headers and shared
# libraries, of the Python that HEADRACE_PYTHON names (default: .venv's, else python3). Only code locations and their IO managers link
# it, never the daemon.
#
# Result: targets HeadraceArrow::arrow, ::parquet, ::compute, ::s3; HeadraceArrow_VERSION; HeadraceArrow_ORIGIN (install or wheel).
# -DHEADRACE_ARROW=wheel leaves installs out, -DHEADRACE_ARROW=none builds without tables.
set(HEADRACE_ARROW "auto" CACHE STRING "Where Arrow comes from: auto, wheel or none")
set(_arrow_parts arrow parquet compute s3)

if(HEADRACE_ARROW STREQUAL "auto")
  find_package(Arrow CONFIG QUIET)
  if(Arrow_FOUND)
    find_package(ArrowCompute CONFIG QUIET)  # a library of its own since Arrow 21
    find_package(Parquet CONFIG QUIET)
    foreach(pair IN ITEMS "arrow Arrow::arrow_shared" "parquet Parquet::parquet_shared" "compute ArrowCompute::arrow_compute_shared")
      separate_arguments(pair)
      list(GET pair 0 part)
      list(GET pair 1 target)
      if(NOT TARGET HeadraceArrow::${part})
        add_library(HeadraceArrow::${part} INTERFACE IMPORTED)
        if(TARGET ${target})
          target_link_libraries(HeadraceArrow::${part} INTERFACE ${target})
        endif()
      endif()
    endforeach()
    set(HeadraceArrow_ORIGIN install)
    set(HeadraceArrow_VERSION ${Arrow_VERSION})
  endif()
endif()

if(NOT HeadraceArrow_ORIGIN AND NOT HEADRACE_ARROW STREQUAL "none")
  if(NOT HEADRACE_PYTHON)
    if(DEFINED ENV{VIRTUAL_ENV})
      set(_arrow_python "$ENV{VIRTUAL_ENV}/bin/python")
    elseif(EXISTS "${CMAKE_SOURCE_DIR}/.venv/bin/python")
      set(_arrow_python "${CMAKE_SOURCE_DIR}/.venv/bin/python")
    else()
      find_program(_arrow_python python3)
    endif()
  else()
    set(_arrow_python "${HEADRACE_PYTHON}")
  endif()
  if(NOT HeadraceArrow_WHEEL)
    # find_spec, not import: nothing is loaded.
    execute_process(
      COMMAND "${_arrow_python}" -c
              "import importlib.util as u, os; print(os.path.dirname(u.find_spec('pyarrow').origin), end='')"
      OUTPUT_VARIABLE HeadraceArrow_WHEEL ERROR_QUIET)
    set(HeadraceArrow_WHEEL "${HeadraceArrow_WHEEL}" CACHE PATH "The folder of the pyarrow package" FORCE)
  endif()
  set(_arrow_config "${HeadraceArrow_WHEEL}/include/arrow/util/config.h")
  if(EXISTS "${_arrow_config}")
    file(STRINGS "${_arrow_config}" _arrow_lines REGEX "define ARROW_(VERSION_STRING|SO_VERSION) ")
    string(REGEX MATCH "ARROW_VERSION_STRING \"([^\"]+)\"" _ "${_arrow_lines}")
    set(HeadraceArrow_VERSION "${CMAKE_MATCH_1}")
    string(REGEX MATCH "ARROW_SO_VERSION \"([0-9]+)\"" _ "${_arrow_lines}")
    set(_arrow_so "${CMAKE_MATCH_1}")
    foreach(part IN LISTS _arrow_parts)
      set(_arrow_name "libarrow_${part}")
      if(part STREQUAL "arrow" OR part STREQUAL "parquet")
        set(_arrow_name "lib${part}")
      endif()
      set(_arrow_file "${HeadraceArrow_WHEEL}/${_arrow_name}.so.${_arrow_so}")
      if(EXISTS "${_arrow_file}" AND NOT TARGET HeadraceArrow::${part})
        # CMake links the versioned file by its path: no symbolic link is needed in the wheel. Its headers want C++20.
        add_library(HeadraceArrow::${part} SHARED IMPORTED)
        set_target_properties(HeadraceArrow::${part} PROPERTIES
          IMPORTED_LOCATION "${_arrow_file}"
          INTERFACE_INCLUDE_DIRECTORIES "${HeadraceArrow_WHEEL}/include"
          INTERFACE_COMPILE_FEATURES cxx_std_20)
        if(NOT part STREQUAL "arrow")
          set_property(TARGET HeadraceArrow::${part} PROPERTY INTERFACE_LINK_LIBRARIES HeadraceArrow::arrow)
        endif()
      endif()
    endforeach()
    set(HeadraceArrow_ORIGIN wheel)
  endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(HeadraceArrow
  REQUIRED_VARS HeadraceArrow_ORIGIN HeadraceArrow_VERSION
  VERSION_VAR HeadraceArrow_VERSION
  REASON_FAILURE_MESSAGE "tables (headrace::tables) need Arrow C++: install it, or pip install pyarrow==26.0.1 and pass -DHEADRACE_PYTHON=its Python")
