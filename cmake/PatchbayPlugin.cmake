# patchbay_add_plugin(<name> <sources…>): builds lib/patchbay/plugins/<name>.so so that it can be
# unloaded again: one exported symbol, no unique symbols, everything resolved at link time.
set(PATCHBAY_PLUGIN_DIR ${CMAKE_BINARY_DIR}/lib/patchbay/plugins)
set(PATCHBAY_PLUGIN_EXPORTS ${CMAKE_CURRENT_LIST_DIR}/plugin-exports.map)
set(PATCHBAY_PLUGIN_CHECK ${CMAKE_CURRENT_LIST_DIR}/CheckPlugin.cmake)

function(patchbay_add_plugin name)
  add_library(${name} MODULE ${ARGN})
  target_link_libraries(${name} PRIVATE patchbay::api)
  if(TARGET patchbay_warnings)
    target_link_libraries(${name} PRIVATE patchbay_warnings)
  endif()
  target_compile_options(${name} PRIVATE -fno-gnu-unique)
  target_link_options(${name} PRIVATE
    "-Wl,--version-script=${PATCHBAY_PLUGIN_EXPORTS}" -Wl,--exclude-libs,ALL)
  if(NOT PATCHBAY_SANITIZER) # a sanitizer's runtime is resolved from the executable
    target_link_options(${name} PRIVATE -Wl,-z,defs)
  endif()
  set_target_properties(${name} PROPERTIES PREFIX "" CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON LIBRARY_OUTPUT_DIRECTORY ${PATCHBAY_PLUGIN_DIR}
    LINK_DEPENDS ${PATCHBAY_PLUGIN_EXPORTS})
  if(NOT PATCHBAY_SANITIZER)
    add_custom_command(TARGET ${name} POST_BUILD COMMAND ${CMAKE_COMMAND} -DNM=${CMAKE_NM}
      -DPLUGIN=$<TARGET_FILE:${name}> -P ${PATCHBAY_PLUGIN_CHECK} VERBATIM)
  endif()
endfunction()
