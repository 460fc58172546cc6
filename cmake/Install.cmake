# What `cmake --install` puts under the prefix, and the same package of the build tree. Everything
# is found from where it lies, so a prefix may be moved:
#   bin/patchbay   include/patchbay/   lib/libpatchbay_sqlite.a   lib/patchbay/plugins/
#   lib/cmake/patchbay/   share/patchbay/web/   share/patchbay/new-plugin/
include(CMakePackageConfigHelpers)

# The loader refuses a directory that others can write, whatever the umask of the installing user.
set(CMAKE_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE
  GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(package lib/cmake/patchbay)
set(package_files cmake/PatchbayPlugin.cmake cmake/CheckPlugin.cmake cmake/plugin-exports.map)

install(TARGETS patchbay_api EXPORT patchbay-api FILE_SET HEADERS DESTINATION include)
install(TARGETS patchbay_sqlite EXPORT patchbay-sqlite ARCHIVE DESTINATION lib)
install(DIRECTORY core/sqlite/include/ DESTINATION include FILES_MATCHING PATTERN "*.hpp")
set(parts api sqlite)
if(PATCHBAY_WITH_HOST)
  install(TARGETS patchbay EXPORT patchbay-cli RUNTIME DESTINATION bin)
  install(DIRECTORY host/web host/cli/new-plugin DESTINATION share/patchbay)
  list(APPEND parts cli)
endif()
get_property(bundled GLOBAL PROPERTY PATCHBAY_PLUGINS)
list(REMOVE_ITEM bundled hello) # an example, for its readers to build
install(TARGETS ${bundled} LIBRARY DESTINATION lib/patchbay/plugins)

foreach(part ${parts})
  install(EXPORT patchbay-${part} NAMESPACE patchbay:: DESTINATION ${package})
  export(EXPORT patchbay-${part} NAMESPACE patchbay::
    FILE ${PROJECT_BINARY_DIR}/${package}/patchbay-${part}.cmake)
endforeach()

write_basic_package_version_file(${PROJECT_BINARY_DIR}/${package}/patchbayConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
foreach(file cmake/patchbayConfig.cmake ${package_files})
  configure_file(${file} ${PROJECT_BINARY_DIR}/${package}/ COPYONLY)
endforeach()
install(FILES cmake/patchbayConfig.cmake ${package_files}
  ${PROJECT_BINARY_DIR}/${package}/patchbayConfigVersion.cmake DESTINATION ${package})
