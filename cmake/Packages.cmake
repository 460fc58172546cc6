# Every third-party package, found once. Each is included by one folder only (tests/tidy checks it).
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
# Boost is the distribution's, one throughout: cpprestsdk brings the Asio that it was built with.
# Found by CMake's own FindBoost where that may be chosen, as by the package of cpprestsdk.
if(POLICY CMP0167)
  cmake_policy(SET CMP0167 OLD)
endif()
find_package(Boost 1.74 REQUIRED)
find_package(spdlog REQUIRED)
find_package(simdjson REQUIRED)
find_package(ZLIB REQUIRED)
find_package(SQLiteCpp REQUIRED)

# Boost as every translation unit must see it. Asio keeps what it deprecates: cpprestsdk needs it.
add_library(patchbay_boost INTERFACE)
target_link_libraries(patchbay_boost INTERFACE Boost::headers Threads::Threads ${CMAKE_DL_LIBS})
target_compile_definitions(patchbay_boost INTERFACE BOOST_DLL_USE_STD_FS)
set_property(TARGET patchbay_boost APPEND PROPERTY INTERFACE_SYSTEM_INCLUDE_DIRECTORIES
  ${Boost_INCLUDE_DIRS})

if(PATCHBAY_WITH_HOST)
  find_package(cpprestsdk REQUIRED)
  find_package(nlohmann_json REQUIRED)
  find_package(CLI11 REQUIRED)
  find_package(tomlplusplus REQUIRED)
  find_package(prometheus-cpp REQUIRED)
  pkg_check_modules(libpqxx REQUIRED IMPORTED_TARGET libpqxx)
  pkg_check_modules(libpq REQUIRED IMPORTED_TARGET libpq)
endif()
if(PATCHBAY_WITH_TESTS)
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()
if(PATCHBAY_WITH_BENCH)
  find_package(benchmark REQUIRED)
endif()
