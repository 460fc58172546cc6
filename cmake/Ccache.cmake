# Uses ccache where it is installed; a second build of unchanged files then costs nothing.
find_program(PATCHBAY_CCACHE ccache)
if(PATCHBAY_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${PATCHBAY_CCACHE})
endif()
