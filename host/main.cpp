// patchbay: reads the command line and hands over to the verb.
#include <iostream>
#include <variant>

#include "app/verbs.hpp"
#include "cli/command_line.hpp"

int main(int argc, char** argv) {
  const auto parsed = patchbay::cli::parse_command_line(argc, argv);
  if (const auto* ended = std::get_if<patchbay::cli::Ended>(&parsed)) {
    (ended->exit_code == 0 ? std::cout : std::cerr) << ended->text << std::endl;
    return patchbay::app::after_printing(ended->exit_code);
  }
  return patchbay::app::execute(std::get<patchbay::cli::Command>(parsed));
}
