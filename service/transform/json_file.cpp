#include "transform/json_file.hpp"

#include "transform/json_e/json_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tocsin::transform {

boost::system::result<boost::json::value, unreadable> read_json_file(const std::filesystem::path& file,
                                                                     boost::json::storage_ptr storage, std::size_t depth) {
  const auto text = read_text_file(file);
  if (!text) return text.error();
  json_e::json_reader reader(depth);
  auto document = reader.read(*text, std::move(storage));
  if (document) return std::move(*document);
  const auto end = text->begin() + static_cast<std::ptrdiff_t>(std::min(document.error().offset, text->size()));
  return unreadable{fmt::format("is not JSON: line {}: {}", 1 + std::count(text->begin(), end, '\n'), document.error().message)};
}

} // namespace tocsin::transform
