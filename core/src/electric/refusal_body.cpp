#include "electric/refusal_body.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "electric/json_values.hpp"
#include "electric/tuning.hpp"

namespace patchbay::electric {

Refusal parse_refusal(std::string body) {
  Refusal refusal;
  ondemand::parser reader;
  const simdjson::padded_string padded(body);
  ondemand::document document;
  ondemand::object object;
  std::string_view message;
  const bool readable = reader.iterate(padded).get(document) == SUCCESS &&
                        document.get_object().get(object) == SUCCESS &&
                        object.find_field_unordered("message").get_string().get(message) == SUCCESS;
  refusal.message = readable ? std::string(message) : std::move(body);
  ondemand::object errors;
  if (readable && object.find_field_unordered("errors").get_object().get(errors) == SUCCESS) {
    for (auto field : errors) {
      std::string_view name;
      std::string_view reason;
      if (field.unescaped_key().get(name) != SUCCESS) break;
      if (field.value().at(0).get_string().get(reason) != SUCCESS) break;
      refusal.message += ": " + std::string(name) + ": " + std::string(reason);
      if (name == "offset" && reason.find("out of bounds") != std::string_view::npos) {
        refusal.offset_out_of_bounds = true;
      }
    }
  }
  std::size_t length = std::min(refusal.message.size(), tuning::kServerMessageBytesMax);
  while (length > 0 && length < refusal.message.size() &&
         (static_cast<unsigned char>(refusal.message[length]) & 0xC0U) == 0x80U) {
    --length;  // not inside a UTF-8 sequence
  }
  refusal.message.resize(length);
  return refusal;
}

}  // namespace patchbay::electric
