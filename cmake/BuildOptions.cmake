# patchbay_build: how every target of the tree is built: its warnings, and a preset's sanitizer.
option(PATCHBAY_WERROR "Warnings are errors" OFF)
set(PATCHBAY_SANITIZER "" CACHE STRING
  "asan (with the undefined-behaviour sanitizer), tsan or none")
set_property(CACHE PATCHBAY_SANITIZER PROPERTY STRINGS "" asan tsan)

add_library(patchbay_build INTERFACE)
target_compile_options(patchbay_build INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
  -Woverloaded-virtual -Wold-style-cast -Wimplicit-fallthrough
  # With optimisation these two warn falsely, inside the standard library.
  $<IF:$<CONFIG:Release>,-Wno-restrict,-Wnull-dereference>
  $<$<BOOL:${PATCHBAY_WERROR}>:-Werror>)

if(PATCHBAY_SANITIZER STREQUAL "asan")
  set(sanitizer -fsanitize=address,undefined -fno-sanitize-recover=all)
  target_compile_options(patchbay_build INTERFACE -O1 -fno-omit-frame-pointer ${sanitizer})
elseif(PATCHBAY_SANITIZER STREQUAL "tsan")
  set(sanitizer -fsanitize=thread)
  target_compile_options(patchbay_build INTERFACE -O1 ${sanitizer})
elseif(PATCHBAY_SANITIZER)
  message(FATAL_ERROR "PATCHBAY_SANITIZER is '${PATCHBAY_SANITIZER}'; give asan, tsan or nothing.")
endif()
target_link_options(patchbay_build INTERFACE ${sanitizer})
