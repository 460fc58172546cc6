# Fails the build of a plugin that exports a unique symbol: such a file could never be unloaded.
execute_process(COMMAND ${NM} -D --defined-only ${PLUGIN} OUTPUT_VARIABLE symbols
  RESULT_VARIABLE failed)
if(failed)
  message(FATAL_ERROR "cannot read the symbols of ${PLUGIN}")
endif()
if(symbols MATCHES " u ([^\n]+)")
  message(FATAL_ERROR "${PLUGIN} exports the unique symbol ${CMAKE_MATCH_1} and could never be "
    "unloaded; build it with -fno-gnu-unique")
endif()
