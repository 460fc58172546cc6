#include <algorithm>
#include <set>

#include "rules.hpp"

namespace tidy {
namespace {

// A YAML reader for the one form that docker-compose.yml is written in: two blanks a level, one
// entry a line, lists in brackets or below their key.
struct Line {
  std::size_t number = 0;
  std::size_t depth = 0;
  std::string key;    // empty for an entry of a list
  std::string value;  // without quotes and a comment
};

std::string trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \"");
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(" \"") - begin + 1));
}

std::vector<Line> lines_of_compose(std::string_view text) {
  std::vector<Line> lines;
  std::size_t number = 0;
  for (const std::string_view whole : lines_of(text)) {
    ++number;
    const std::size_t indent = whole.find_first_not_of(' ');
    if (indent == std::string_view::npos || whole[indent] == '#') continue;
    const std::string_view rest = whole.substr(indent);
    const std::size_t colon = rest.find(':');
    Line line{number, indent / 2, {}, {}};
    if (rest.substr(0, 2) == "- ") {
      line.value = trimmed(rest.substr(2));
    } else if (colon != std::string_view::npos) {
      line.key = std::string(rest.substr(0, colon));
      line.value = trimmed(rest.substr(colon + 1));
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

// The keys two levels down in `section`: the services or the volumes.
std::set<std::string> names_in(const std::vector<Line>& lines, std::string_view section) {
  std::set<std::string> names;
  bool inside = false;
  for (const Line& line : lines) {
    if (line.depth == 0) inside = line.key == section;
    if (inside && line.depth == 1) names.insert(line.key);
  }
  return names;
}

bool is_in_tree(const SourceTree& tree, std::string_view path) {
  return std::any_of(tree.begin(), tree.end(),
                     [&](const SourceFile& file) { return file.path == path; });
}

bool is_said_in(const SourceTree& tree, std::string_view folder, const std::string& words) {
  return std::any_of(tree.begin(), tree.end(), [&](const SourceFile& file) {
    return file.is_in(folder) && file.text.find('"' + words + '"') != std::string::npos;
  });
}

std::set<std::string> flags_in(const std::string& command) {
  std::set<std::string> flags;
  for (std::size_t at = command.find("\"--"); at != std::string::npos;
       at = command.find("\"--", at + 1)) {
    flags.insert(command.substr(at + 1, command.find('"', at + 1) - at - 1));
  }
  return flags;
}

class Compose {
 public:
  Compose(const SourceFile& file, const SourceTree& tree)
      : file_(file), tree_(tree), lines_(lines_of_compose(file.text)) {}

  Findings check() {
    const std::set<std::string> services = names_in(lines_, "services");
    const std::set<std::string> volumes = names_in(lines_, "volumes");
    for (const Line& line : lines_) {
      if (line.depth <= 2) parent_ = line.key;
      if (line.key == "image") check_image(line);
      if (line.key.rfind("PATCHBAY_", 0) == 0) check_setting(line);
      if (line.key.empty() && parent_ == "ports") check_port(line);
      if (line.key.empty() && parent_ == "volumes") check_mount(line, volumes);
      if (line.depth == 3 && parent_ == "depends_on") check_service(line, services);
      if (line.key == "command" && line.value.rfind("[\"run\"", 0) == 0) check_command(line);
    }
    return std::move(found_);
  }

 private:
  void report(const Line& line, std::string what, std::string advice) {
    found_.push_back({file_.path, line.number, std::move(what), std::move(advice)});
  }

  void check_image(const Line& line) {
    const std::size_t colon = line.value.find(':');
    if (colon == std::string::npos || line.value.substr(colon) == ":latest") {
      report(line, "an image without a version", "name the version that was tested");
    }
  }

  void check_setting(const Line& line) {
    if (is_said_in(tree_, "host", line.key)) return;
    report(line, line.key + " is not a setting of the host", "see host/config for what there is");
  }

  void check_port(const Line& line) {
    if (line.value.rfind("127.0.0.1:", 0) == 0) return;
    report(line, "a port open to the network", "publish it on 127.0.0.1 only");
  }

  void check_mount(const Line& line, const std::set<std::string>& volumes) {
    const std::string source = line.value.substr(0, line.value.find(':'));
    const bool path = source.rfind("./", 0) == 0;
    const bool known = path ? is_in_tree(tree_, source.substr(2)) : volumes.count(source) > 0;
    if (!known) report(line, "mounts " + source, "there is no such file or volume");
  }

  void check_service(const Line& line, const std::set<std::string>& services) {
    if (services.count(line.key) == 0) report(line, "waits for " + line.key, "no such service");
  }

  void check_command(const Line& line) {
    for (const std::string& flag : flags_in(line.value)) {
      if (is_said_in(tree_, "host/cli", flag)) continue;
      report(line, flag + " is not a flag of patchbay run", "see host/cli for what there is");
    }
  }

  const SourceFile& file_;
  const SourceTree& tree_;
  std::vector<Line> lines_;
  std::string parent_;
  Findings found_;
};

// `CMD ["run", "--address", …]` and the health check of the Dockerfile.
Findings check_dockerfile(const SourceFile& file, const SourceTree& tree) {
  Findings found;
  std::size_t number = 0;
  for (const std::string_view line : lines_of(file.text)) {
    ++number;
    for (const std::string& flag : flags_in(std::string(line))) {
      if (is_said_in(tree, "host/cli", flag)) continue;
      found.push_back(
          {file.path, number, flag + " is not a patchbay flag", "see host/cli for what there is"});
    }
  }
  return found;
}

}  // namespace

Findings check_containers(const SourceFile& file, const SourceTree& tree) {
  if (file.path == "docker-compose.yml") return Compose(file, tree).check();
  if (file.path == "Dockerfile") return check_dockerfile(file, tree);
  return {};
}

}  // namespace tidy
