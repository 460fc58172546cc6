// NoEvents: a runner's events, for whoever looks at something else.
#pragma once

#include <string>

#include "runtime/pattern_port.hpp"

namespace patchbay::test {

class NoEvents final : public PatternEvents {
 public:
  void on_row_changed(const std::string&, const ViewRow&) override {}
  void on_row_gone(const std::string&, const RowRef&) override {}
  void on_table_changed(const std::string&, const std::string&) override {}
  void on_write_state(const std::string&, const WriteStatus&) override {}
  void on_pattern_status(const PatternStatus&) override {}
};

}  // namespace patchbay::test
