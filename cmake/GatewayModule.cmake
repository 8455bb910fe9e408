# gateway_module(session
#   SOURCES keyring.cc sealed_id.cc      files of src/session
#   ALONE   sealed_id.cc                 those with a name of their own that another file has too (GW_UNITY)
#   DEPS    base mcp                     the only modules it may include (tools/check_layers.py)
#   LIBS    OpenSSL::Crypto              third-party libraries, used by its .cc files
#   TESTS   keyring_test.cc              one test binary per module, one CTest entry
#   FUZZ    sealed_id_fuzz.cc            one libFuzzer target each; its corpus replays as a CTest entry
# )
# A nested module is named by its path: gateway_module(store/sqlite …) makes the target gw_store_sqlite.
function(gateway_module name)
  cmake_parse_arguments(M "" "" "SOURCES;ALONE;DEPS;LIBS;TESTS;FUZZ" ${ARGN})
  string(REPLACE "/" "_" id ${name})
  list(TRANSFORM M_DEPS REPLACE "/" "_")
  list(TRANSFORM M_DEPS PREPEND gw_ OUTPUT_VARIABLE deps)

  add_library(gw_${id} STATIC ${M_SOURCES})
  target_include_directories(gw_${id} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(gw_${id} PUBLIC gw_flags ${deps} ${M_LIBS})
  gateway_precompile(gw_${id} gw_pch)
  set_target_properties(gw_${id} PROPERTIES UNITY_BUILD ${GW_UNITY})
  set_source_files_properties(${M_ALONE} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)

  if(M_TESTS AND BUILD_TESTING)
    add_executable(${id}_test ${M_TESTS})
    target_include_directories(${id}_test PRIVATE ${PROJECT_SOURCE_DIR})
    target_link_libraries(${id}_test PRIVATE gw_${id} gw_testing GTest::gmock GTest::gtest_main)
    gateway_precompile(${id}_test gw_test_pch)
    add_test(NAME ${id} COMMAND ${id}_test)
    set_tests_properties(${id} PROPERTIES TIMEOUT 120)
  endif()

  foreach(source IN LISTS M_FUZZ)
    get_filename_component(target ${source} NAME_WE)
    gateway_fuzz_target(${target} ${source} gw_${id})
  endforeach()
endfunction()

# With GW_FUZZERS a libFuzzer binary, else a small driver that replays fuzz/<target>/ as a test.
function(gateway_fuzz_target target source library)
  set(corpus ${PROJECT_SOURCE_DIR}/fuzz/${target})
  if(GW_FUZZERS)
    add_executable(${target} ${source})
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
  elseif(BUILD_TESTING)
    add_executable(${target} ${source})
    target_link_libraries(${target} PRIVATE gw_fuzz_replay)
    add_test(NAME ${target} COMMAND ${target} ${corpus})
  else()
    return()
  endif()
  target_link_libraries(${target} PRIVATE ${library})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
  gateway_precompile(${target} gw_pch)
endfunction()

# Compiles the target with the headers of gw_pch (src/pch.h) or gw_test_pch (testing/pch.h), which are compiled once.
function(gateway_precompile target headers)
  if(GW_PCH)
    target_precompile_headers(${target} REUSE_FROM ${headers})
  endif()
endfunction()

# A target that holds the precompiled header.
function(gateway_precompiled_header name header)
  add_library(${name} STATIC ${PROJECT_SOURCE_DIR}/src/pch.cc)
  target_link_libraries(${name} PRIVATE gw_flags ${ARGN})
  if(GW_PCH)
    target_precompile_headers(${name} PRIVATE ${header})
    # A package that is upgraded may touch a header without changing it; ninja decides what is out of date.
    target_compile_options(${name} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
    if(GW_CCACHE)
      set_target_properties(${name} PROPERTIES CXX_COMPILER_LAUNCHER ${PROJECT_SOURCE_DIR}/cmake/precompile.sh)
    endif()
  endif()
endfunction()
