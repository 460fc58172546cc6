#include "embedded/sync/kept_shapes.hpp"

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <system_error>

#include "config/sealed_text.hpp"
#include "electric/cache_file.hpp"
#include "embedded/sync/pgoutput.hpp"
#include "files/file_replacement.hpp"
#include "log/log.hpp"

namespace patchbay::embedded {
namespace {

constexpr int kVersion = 2;  // 1, of 0.1.0, has no checksum

nlohmann::json json_of(const KeptShape& shape) {
  return {{"handle", shape.handle},
          {"schema", shape.table.schema},
          {"table", shape.table.name},
          {"table_id", shape.table_id},
          {"full", shape.replica == Replica::full},
          {"state", shape.table_state},
          {"snapshot", {shape.visibility.xmin, shape.visibility.xmax, shape.visibility.xip}},
          {"snapshot_lsn_after", format_lsn(shape.snapshot_lsn_after)},
          {"floor", shape.floor.text()},
          {"columns", shape.columns}};
}

// Reading throws when a member is missing, or is not what it should be.

std::uint64_t lsn_of(const nlohmann::json& json, const char* member) {
  std::uint64_t lsn = 0;
  const auto text = json.at(member).get<std::string>();
  if (!parse_lsn(text, lsn)) throw std::runtime_error(text + " is not a position");
  return lsn;
}

KeptShape shape_of(const nlohmann::json& json) {
  KeptShape shape;
  shape.handle = json.at("handle").get<std::string>();
  shape.table = {json.at("schema").get<std::string>(), json.at("table").get<std::string>()};
  shape.table_id = json.at("table_id").get<std::uint32_t>();
  shape.replica = json.at("full").get<bool>() ? Replica::full : Replica::only_changes;
  shape.table_state = json.at("state").get<std::string>();
  const nlohmann::json& snapshot = json.at("snapshot");
  shape.visibility.xmin = snapshot.at(0).get<std::uint64_t>();
  shape.visibility.xmax = snapshot.at(1).get<std::uint64_t>();
  shape.visibility.xip = snapshot.at(2).get<std::vector<std::uint64_t>>();
  shape.snapshot_lsn_after = lsn_of(json, "snapshot_lsn_after");
  const auto text = json.at("floor").get<std::string>();
  const auto floor = parse_offset(text);
  if (!floor) throw std::runtime_error(text + " is not an offset");
  shape.floor = *floor;
  shape.columns = json.value("columns", shape.columns);  // older files have none
  return shape;
}

KeptShapes kept_of(const SealedText& sealed) {
  KeptShapes kept;
  const nlohmann::json json = nlohmann::json::parse(sealed.text);
  if (sealed.seal == Seal::broken) throw std::runtime_error("its checksum does not fit");
  const int version = json.at("version").get<int>();
  if (version > kVersion) return kept;
  if (version != (sealed.seal == Seal::fits ? kVersion : 1)) {
    throw std::runtime_error("its checksum is missing");
  }
  kept.system = json.at("system").get<std::string>();
  kept.position = lsn_of(json, "position");
  for (const nlohmann::json& shape : json.at("shapes")) kept.shapes.push_back(shape_of(shape));
  return kept;
}

}  // namespace

KeptShapes load_kept_shapes(const std::filesystem::path& file) {
  std::error_code failed;
  if (!std::filesystem::exists(std::filesystem::symlink_status(file, failed))) return {};
  std::string why = "it is not a file, or reading it is not permitted";
  try {
    if (auto bytes = text_in(file)) return kept_of(unsealed(*std::move(bytes)));
  } catch (const std::exception& wrong) {
    why = wrong.what();
  }
  const auto aside = electric::set_aside(file, "damaged");
  log::warning("sync-service", "The file " + file.string() + " cannot be read (" + why + "); " +
                                   (aside ? "it was set aside as " + aside->string()
                                          : "it cannot be set aside: " + aside.error().message) +
                                   ". All clients fetch their shapes again.");
  return {};
}

Result<void> save_kept_shapes(const std::filesystem::path& file, const KeptShapes& kept) {
  nlohmann::json json = {{"version", kVersion},
                         {"system", kept.system},
                         {"position", format_lsn(kept.position)},
                         {"shapes", nlohmann::json::array()}};
  for (const KeptShape& shape : kept.shapes) json["shapes"].push_back(json_of(shape));
  const std::string text =
      sealed(json.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  // A file that a power failure left old or empty costs only a refetch.
  const auto failed = files::replace_file(file, text, files::Durability::none);
  if (!failed) return {};
  return failure(ErrorCode::retry,
                 "The file " + file.string() + " cannot be written: " + failed.message() +
                     ". Free disk space and make its directory writable; until then clients "
                     "fetch all shapes again after a restart.");
}

}  // namespace patchbay::embedded
