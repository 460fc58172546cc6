# find_package(patchbay): from an installed tree or from a build tree (CMAKE_PREFIX_PATH is the
# prefix or the build directory; nothing is needed where its bin is in PATH).
#   patchbay::api       the contract, headers only
#   patchbay::sqlite    what patterns with a SQLite store share; needs SQLiteCpp
#   patchbay::cli       the program `patchbay`
#   patchbay_add_plugin(<name> <sources…>)
# COMPONENTS sqlite makes the second one a condition.
include(CMakeFindDependencyMacro)
include(${CMAKE_CURRENT_LIST_DIR}/patchbay-api.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/patchbay-cli.cmake OPTIONAL)

find_package(SQLiteCpp QUIET)
if(SQLiteCpp_FOUND)
  include(${CMAKE_CURRENT_LIST_DIR}/patchbay-sqlite.cmake)
  set(patchbay_sqlite_FOUND TRUE)
elseif(patchbay_FIND_REQUIRED_sqlite)
  set(patchbay_FOUND FALSE)
  set(patchbay_NOT_FOUND_MESSAGE
    "patchbay::sqlite needs SQLiteCpp; install it (Debian: libsqlitecpp-dev).")
endif()

include(${CMAKE_CURRENT_LIST_DIR}/PatchbayPlugin.cmake)
