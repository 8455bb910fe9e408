# Flags that every target of ours is compiled and linked with.
add_library(gw_flags INTERFACE)
target_compile_options(gw_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough
  -Wno-missing-field-initializers -Werror
  -fno-omit-frame-pointer -fstack-protector-strong)
target_compile_definitions(gw_flags INTERFACE $<$<CONFIG:Release>:_FORTIFY_SOURCE=2>)

if(GW_SANITIZE)
  target_compile_options(gw_flags INTERFACE -fsanitize=${GW_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(gw_flags INTERFACE -fsanitize=${GW_SANITIZE})
  target_compile_definitions(gw_flags INTERFACE GW_PLAIN_FRAMES=1)  # runtime/frame_pool.h
  if(GW_SANITIZE MATCHES "undefined")
    # Coroutines and this check disagree about where a function's prologue ends.
    target_compile_options(gw_flags INTERFACE -fno-sanitize=function,vptr)
  endif()
endif()
if(GW_FUZZERS)
  target_compile_options(gw_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

find_program(GW_MOLD mold)
if(GW_MOLD)
  target_link_options(gw_flags INTERFACE -fuse-ld=mold)
endif()
target_link_options(gw_flags INTERFACE -Wl,--as-needed $<$<CONFIG:Release>:-Wl,--gc-sections>)
target_compile_options(gw_flags INTERFACE $<$<CONFIG:Release>:-ffunction-sections>)

find_program(GW_CCACHE ccache)
if(GW_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env
    CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 CCACHE_PCH_EXTSUM=1
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
    ${GW_CCACHE})
endif()
# Without what CMake adds to this: an absolute path that ccache would hash.
set(CMAKE_CXX_COMPILE_OPTIONS_USE_PCH -Xclang -include-pch -Xclang <PCH_FILE>)
