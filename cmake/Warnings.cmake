# patchbay_warnings: the warnings every target of the tree is built with. -Werror comes by preset.
add_library(patchbay_warnings INTERFACE)
target_compile_options(patchbay_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
  -Woverloaded-virtual -Wold-style-cast -Wimplicit-fallthrough
  # With optimisation these two warn falsely, inside the standard library.
  $<IF:$<CONFIG:Release>,-Wno-restrict,-Wnull-dereference>)
