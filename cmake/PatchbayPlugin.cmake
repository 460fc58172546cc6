# patchbay_add_plugin(<name> <sources…>): builds lib/patchbay/plugins/<name>.so so that it can be
# unloaded again: one exported symbol, no unique symbols, everything resolved at link time. The same
# in Patchbay's tree and, installed, for everybody else. All plugins of a build are listed in the
# global property PATCHBAY_PLUGINS.
set(PATCHBAY_PLUGIN_DIR ${CMAKE_BINARY_DIR}/lib/patchbay/plugins)

function(patchbay_add_plugin name)
  set(exports ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/plugin-exports.map)
  add_library(${name} MODULE ${ARGN})
  target_link_libraries(${name} PRIVATE patchbay::api)
  if(TARGET patchbay_build)
    target_link_libraries(${name} PRIVATE patchbay_build)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU") # clang makes no unique symbols
    target_compile_options(${name} PRIVATE -fno-gnu-unique)
  endif()
  target_link_options(${name} PRIVATE "-Wl,--version-script=${exports}" -Wl,--exclude-libs,ALL)
  if(NOT PATCHBAY_SANITIZER) # a sanitizer's runtime is resolved from the executable
    target_link_options(${name} PRIVATE -Wl,-z,defs)
  endif()
  set_target_properties(${name} PROPERTIES PREFIX "" CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON LINK_DEPENDS ${exports}
    LIBRARY_OUTPUT_DIRECTORY ${PATCHBAY_PLUGIN_DIR})
  set_property(GLOBAL APPEND PROPERTY PATCHBAY_PLUGINS ${name})
  add_custom_command(TARGET ${name} POST_BUILD COMMAND ${CMAKE_COMMAND} -DNM=${CMAKE_NM}
    -DPLUGIN=$<TARGET_FILE:${name}>
    -P ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/CheckPlugin.cmake VERBATIM)
endfunction()
