# Runs after a plugin was linked: fails the build when it exports anything but its descriptor or a
# unique symbol (it could never be unloaded), and makes file and directory fit for the loader, which
# refuses what others can write.
execute_process(COMMAND ${NM} -D --defined-only ${PLUGIN} OUTPUT_VARIABLE symbols
  RESULT_VARIABLE failed)
if(failed)
  message(FATAL_ERROR "cannot read the symbols of ${PLUGIN}")
endif()
if(symbols MATCHES " u ([^\n]+)")
  message(FATAL_ERROR "${PLUGIN} exports the unique symbol ${CMAKE_MATCH_1} and could never be "
    "unloaded; build it with -fno-gnu-unique")
endif()
if(NOT symbols MATCHES " [DRB] patchbay_plugin\n")
  message(FATAL_ERROR "${PLUGIN} exports no plugin; write PATCHBAY_PLUGIN(…); once, outside any "
    "namespace, in one of its sources")
endif()

set(owner OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
get_filename_component(directory ${PLUGIN} DIRECTORY)
file(CHMOD ${PLUGIN} ${directory} PERMISSIONS ${owner})
