#include "runtime/plugin_loader.hpp"

#include <dlfcn.h>
#include <link.h>

#include <algorithm>
#include <boost/dll/shared_library.hpp>
#include <exception>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "log/log.hpp"
#include "runtime/plugin_file.hpp"

namespace patchbay {
namespace dll = boost::dll;
namespace fs = std::filesystem;
namespace {

/// True while the process has an object mapped under this name.
bool is_mapped(const std::string& name) {
  const auto same_name = [](dl_phdr_info* object, std::size_t, void* wanted) {
    return *static_cast<const std::string*>(wanted) == object->dlpi_name ? 1 : 0;
  };
  std::string wanted = name;
  return dl_iterate_phdr(same_name, &wanted) != 0;
}

/// The dynamic linker's own words, about our name of the copy: the file's real name is put instead.
std::string linker_message(const std::string& copy_name) {
  const char* text = dlerror();
  std::string message = text == nullptr ? "the dynamic linker gives no reason" : text;
  if (message.starts_with(copy_name + ": ")) message.erase(0, copy_name.size() + 2);
  return message;
}

}  // namespace

void DestroyPattern::operator()(Pattern* pattern) const noexcept {
  destroy(pattern);
  living->fetch_sub(1);
}

struct LoadedPlugin::Module {
  PluginInspection inspection;
  /// Open as long as the module is mapped: its number is part of the name the linker knows, and a
  /// second use of that name would be taken for this module.
  files::OwnedDescriptor copy;
  dll::shared_library library;
  Pattern* (*create)() = nullptr;
  void (*destroy)(Pattern*) noexcept = nullptr;
  std::shared_ptr<std::atomic<std::size_t>> living = std::make_shared<std::atomic<std::size_t>>(0);

  Result<void> open();
  Result<void> close();
  void pin() noexcept;

 private:
  [[nodiscard]] std::string name() const { return "plugin " + inspection.path.string(); }
};

Result<void> LoadedPlugin::Module::open() {
  std::error_code error;
  dlerror();
  library.load(copy.path(), error, dll::load_mode::rtld_now | dll::load_mode::rtld_local);
  if (error) {
    return failure(ErrorCode::unsupported,
                   "The " + name() + " cannot be linked: " + linker_message(copy.path().string()) +
                       "; build it with patchbay_add_plugin against the libraries of this system.");
  }
  const auto* descriptor =
      static_cast<const PluginDescriptor*>(dlsym(library.native(), kPluginSymbol));
  if (descriptor == nullptr || descriptor->create == nullptr || descriptor->destroy == nullptr) {
    return failure(ErrorCode::rejected, "The " + name() +
                                            " has no create or no destroy function; "
                                            "declare it with PATCHBAY_PLUGIN.");
  }
  create = descriptor->create;
  destroy = descriptor->destroy;
  return {};
}

Result<void> LoadedPlugin::Module::close() {
  if (!library.is_loaded()) return {};
  if (const std::size_t count = living->load(); count > 0) {
    return failure(ErrorCode::in_doubt, "The " + name() + " cannot be unloaded: " +
                                            std::to_string(count) + " of its patterns still live.");
  }
  library.unload();
  if (is_mapped(copy.path().string())) {
    copy.keep_open();
    return failure(ErrorCode::in_doubt, "The " + name() + " stays in the process after it was " +
                                            "unloaded: something in it pins it, such as a " +
                                            "thread_local with a destructor.");
  }
  copy = files::OwnedDescriptor();
  return {};
}

void LoadedPlugin::Module::pin() noexcept {
  if (!library.is_loaded()) return;
  static_cast<void>(dlopen(copy.path().c_str(), RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE));
  copy.keep_open();
}

LoadedPlugin::LoadedPlugin(std::unique_ptr<Module> module) noexcept : module_(std::move(module)) {}
LoadedPlugin::LoadedPlugin(LoadedPlugin&& other) noexcept = default;

LoadedPlugin& LoadedPlugin::operator=(LoadedPlugin&& other) noexcept {
  std::swap(module_, other.module_);
  return *this;
}

LoadedPlugin::~LoadedPlugin() {
  if (!module_) return;
  if (const auto unloaded = module_->close(); !unloaded) {
    log::misbehaving("plugins", unloaded.error().message);
    module_->pin();
  }
}

const PluginInspection& LoadedPlugin::inspection() const noexcept {
  return module_->inspection;
}

Result<PatternHandle> LoadedPlugin::create() const {
  const std::string name = "The plugin " + module_->inspection.path.string();
  if (!module_->library.is_loaded()) {
    return failure(ErrorCode::rejected, name + " has been unloaded; load it again.");
  }
  Pattern* pattern = nullptr;
  std::string reason = "it made none";
  try {
    pattern = module_->create();
  } catch (const std::exception& error) {
    reason = error.what();
  } catch (...) {
    reason = "it threw something that is not a std::exception";
  }
  if (pattern == nullptr) {
    return failure(ErrorCode::rejected, name + " cannot make its pattern: " + reason + ".");
  }
  module_->living->fetch_add(1);
  return PatternHandle(pattern, DestroyPattern{module_->destroy, module_->living});
}

Result<void> LoadedPlugin::unload() {
  return module_->close();
}

PluginLoader::PluginLoader(std::vector<fs::path> directories)
    : directories_(std::move(directories)) {}

Result<PluginInspection> PluginLoader::inspect(const fs::path& path) const {
  const auto file = read_plugin_file(path, directories_);
  if (!file) return tl::unexpected(file.error());
  return inspect_plugin(file->bytes, file->path);
}

Result<LoadedPlugin> PluginLoader::load(const fs::path& path) const {
  const auto file = read_plugin_file(path, directories_);
  if (!file) return tl::unexpected(file.error());
  auto inspection = inspect_plugin(file->bytes, file->path);
  if (!inspection) return tl::unexpected(inspection.error());
  auto copy = copy_to_memory(file->bytes, inspection->id);
  if (!copy) return tl::unexpected(copy.error());

  auto module = std::make_unique<LoadedPlugin::Module>();
  module->inspection = std::move(*inspection);
  module->copy = std::move(*copy);
  if (auto opened = module->open(); !opened) {
    static_cast<void>(module->close());
    return tl::unexpected(opened.error());
  }
  return LoadedPlugin(std::move(module));
}

std::vector<FoundPlugin> PluginLoader::find() const {
  std::vector<FoundPlugin> found;
  for (auto directory = directories_.begin(); directory != directories_.end(); ++directory) {
    std::error_code error;
    const auto is_same = [&](const fs::path& one) {
      return fs::equivalent(one, *directory, error);
    };
    if (std::any_of(directories_.begin(), directory, is_same)) continue;
    std::vector<fs::path> files;
    for (fs::directory_iterator at(*directory, error), end; !error && at != end;
         at.increment(error)) {
      if (at->path().extension() == ".so") files.push_back(at->path());
    }
    std::ranges::sort(files);
    for (const fs::path& file : files) found.push_back({file, inspect(file)});
  }
  return found;
}

}  // namespace patchbay
